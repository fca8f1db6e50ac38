import type { Fault, FaultPath } from "./fault.ts";

interface NotYet {
  /** Keys from the top of the file; `[]` stands for each element of a list. */
  readonly at: string;
  readonly asks: (value: unknown) => boolean;
  readonly problem: string;
  readonly do: string;
}

const isGroup = (value: unknown): boolean => typeof value === "object" && value !== null;

/*
 * What the configuration can say and this version cannot do. It is refused rather than ignored; to
 * allow one, remove its entry.
 */
const notYet: readonly NotYet[] = [
  {
    at: "issuers.[].source",
    asks: (source) => source === "crl",
    problem: "is crl, and answering from an imported CRL is not available yet",
    do: "write source: issued and import the certificates, or leave this issuer out",
  },
  {
    at: "issuers.[].crl",
    asks: (crl) => isGroup(crl) && !Object.hasOwn(crl as object, "signer"),
    problem: "has no signer, and publishing imported CRLs is not available yet",
    do: "add signer: { certificate: pki/NAME.pem, key: pki/NAME.key }, or remove crl",
  },
];

/** Refuses what the file asks for and this version cannot do. */
export function notYetFaults(file: unknown): Fault[] {
  return notYet.flatMap(({ at, asks, problem, do: remedy }) =>
    found(file, at.split("."), [])
      .filter(({ value }) => asks(value))
      .map(({ path }) => ({ path, problem, do: remedy })),
  );
}

function found(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: FaultPath,
): { path: FaultPath; value: unknown }[] {
  if (step === undefined) return [{ path, value }];
  if (step === "[]") {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) => found(item, rest, [...path, index]));
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return [];
  return found((value as Readonly<Record<string, unknown>>)[step], rest, [...path, step]);
}
