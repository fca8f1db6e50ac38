import { expect } from "vitest";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A time as every JSON document of Vouch has it. */
export const aTime: unknown = expect.stringMatching(RFC3339);

/** The keys of a document, exactly: what is absent is null, never left out. */
export function expectKeys(document: object, keys: readonly string[]): void {
  expect(Object.keys(document).sort()).toEqual([...keys].sort());
}

export const CHANGE_KEYS: readonly string[] = [
  "changed",
  "alreadyRevoked",
  "refused",
  "unsigned",
  "sequence",
];

export const HISTORY_KEYS: readonly string[] = [
  "sequence",
  "at",
  "by",
  "action",
  "reason",
  "request",
  "agency",
];

export const STATUS_KEYS: readonly string[] = [
  "issuer",
  "serialNumber",
  "status",
  "certStatus",
  "reason",
  "revocationDate",
  "invalidityDate",
  "notAfter",
  "answers",
];

export const CRL_KEYS: readonly string[] = [
  "issuer",
  "scope",
  "crlNumber",
  "baseCRLNumber",
  "thisUpdate",
  "nextUpdate",
  "entries",
  "bytes",
  "sha256",
  "file",
  "refused",
];

export const IMPORT_KEYS: readonly string[] = ["read", "added", "unchanged", "changed", "bad"];

/** A refusal with this code, as `error` or, where certificates are named, under `refused`; its words. */
export function expectRefusal(document: unknown, code: string): string {
  const { error, refused } = document as {
    error?: { code: string; message: string; do: string };
    refused?: { serialNumber: string; code: string; message: string }[];
  };
  const [first] = refused ?? [];
  expect(error?.code ?? first?.code).toBe(code);
  if (error !== undefined) expectKeys(error, ["code", "message", "do"]);
  return `${error?.message ?? ""} ${error?.do ?? ""} ${first?.message ?? ""}`;
}
