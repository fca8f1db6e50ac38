import type { Flaw } from "../../der/flaw.ts";
import { parseRfc3339, rfc3339, type UnixSeconds } from "../../der/time.ts";
import { publicKeyOf } from "../../x509/public-key.ts";
import { readCertificateFile } from "../certificate-file.ts";
import { flawText } from "../explain/explain-file.ts";
import { Failure } from "../failure.ts";
import type { CommonOptions, Outcome } from "../outcome.ts";
import { coloured } from "../output.ts";
import { type CRLSummary, readCRL, summaryOf } from "./read-crl.ts";
import { type Expected, verifyCRL } from "./verify-crl.ts";
import { deltaFlaws } from "./verify-delta.ts";

/** The options of `vouch crl verify`. */
export interface VerifyOptions extends CommonOptions {
  readonly issuer: string;
  readonly delta?: string;
  readonly at?: string;
}

/** Verifies what is in a file; see `vouch crl verify`. */
export async function verify(file: string, options: VerifyOptions): Promise<Outcome> {
  const issuer = await readCertificateFile(options.issuer, "give the CA's own certificate");
  const expected = { issuer, key: publicKeyOf(issuer), at: timeOf(options.at) };
  const crl = await readCRL(file);
  const flaws = verifyCRL(crl, expected);
  const { kind, baseCRLNumber } = summaryOf(crl);
  if (options.delta !== undefined) flaws.push(...(await baseFlaws(crl, options.delta, expected)));
  else if (kind === "delta") flaws.push(baseMissing(baseCRLNumber));
  const problems = told(flaws, "error");
  const document = {
    ...summaryOf(crl),
    at: rfc3339(expected.at),
    ok: problems.length === 0,
    problems,
    warnings: told(flaws, "advice"),
  };
  return {
    exitCode: document.ok ? 0 : 1,
    document,
    text: [verdictText(document), ...flaws.map(flawText)].join("\n"),
  };
}

function baseMissing(baseCRLNumber: string | null): Flaw {
  return {
    weight: "advice",
    where: "deltaCRLIndicator",
    problem: `it only tells what changed since CRL ${baseCRLNumber}: give that one, or a later full one, with --delta BASE`,
    rule: "RFC 5280 5.2.4",
  };
}

async function baseFlaws(
  delta: Awaited<ReturnType<typeof readCRL>>,
  file: string,
  expected: Expected,
): Promise<Flaw[]> {
  const base = await readCRL(file);
  const own = verifyCRL(base, expected).map((flaw) => ({ ...flaw, where: `base, ${flaw.where}` }));
  return [...deltaFlaws(delta, base), ...own];
}

function timeOf(given: string | undefined): UnixSeconds {
  if (given === undefined) return Math.floor(Date.now() / 1000);
  const at = parseRfc3339(given);
  if (at !== undefined) return at;
  const remedy = "write it with its zone, as in 2026-03-01T09:30:00+07:00";
  throw new Failure("badTime", `--at: "${given}" is no RFC 3339 time`, remedy);
}

function told(flaws: readonly Flaw[], weight: Flaw["weight"]): Omit<Flaw, "weight">[] {
  return flaws
    .filter((flaw) => flaw.weight === weight)
    .map(({ where, problem, rule }) => ({ where, problem, rule }));
}

function verdictText({
  ok,
  file,
  kind,
  crlNumber,
  issuer,
  at,
}: CRLSummary & { ok: boolean; at: string }) {
  const verdict = ok ? coloured("green", "good:") : coloured("red", "not to be relied on:");
  return `${verdict} ${file}, ${kind} CRL ${crlNumber ?? "without a number"} of ${issuer}, at ${at}`;
}
