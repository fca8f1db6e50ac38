import { randomBytes } from "node:crypto";
import { readCertificateFile } from "../authority/issuer-files.ts";
import type { IssuerConfig } from "../config/config.ts";
import type { UnixSeconds } from "../der/time.ts";
import { signerProblems, validityProblem } from "../signing/signer-check.ts";
import type { WithdrawnSigner } from "../store/withdrawn.ts";
import { withdrawalOf, withdrawnText } from "./check-withdrawn.ts";
import { opensslCheck } from "./openssl-check.ts";
import type { RehearsalCheck } from "./rehearsal-check.ts";
import { type SampleAnswer, sampleAnswers } from "./sample-answers.ts";

/** What came of trying a signer. */
export interface Rehearsal {
  readonly serialNumber: Uint8Array;
  readonly checks: readonly RehearsalCheck[];
}

/**
 * Tries a signer before it is used: its certificate as an OCSP signer of this issuer, its key, and answers by
 * it, which our own proof and pkijs read, and the `openssl` command verifies. Nothing is changed.
 */
export async function rehearse(
  issuer: IssuerConfig,
  signer: {
    readonly certificate: string;
    readonly key: string;
    readonly withdrawn: readonly WithdrawnSigner[];
  },
  now: UnixSeconds,
): Promise<Rehearsal> {
  const ca = readCertificateFile(issuer.certificate);
  const certificate = readCertificateFile(signer.certificate);
  const { serialNumber } = certificate;
  const found = [...signerProblems(certificate, ca), validityProblem(certificate, now)];
  const problems = found.flatMap((one) => (one ? [`${one.problem}: ${one.do}`] : []));
  const withdrawal = withdrawalOf(certificate, signer.withdrawn);
  if (withdrawal) problems.push(`${withdrawnText(withdrawal)}: make a new key`);
  const checks: RehearsalCheck[] = [
    outcome("certificate", problems, "it is an OCSP signer of this issuer, and valid now"),
  ];
  if (problems.length > 0) return { serialNumber, checks };
  const sample = { issuer, ca, certificate, key: signer.key, now, serialNumber: randomSerial() };
  const made = await sampleAnswers(sample);
  if ("fault" in made) {
    return { serialNumber, checks: [...checks, outcome(made.check, [made.fault], "")] };
  }
  const { answers, algorithm } = made;
  checks.push(outcome("key", [], `it is the certificate's, and signs (${algorithm})`));
  checks.push(outcome("answers", [], describe(answers)));
  checks.push(opensslCheck(issuer.certificate, answers, algorithm));
  return { serialNumber, checks };
}

/** Positive and without leading zeros: of no certificate. */
function randomSerial(): Buffer {
  const octets = randomBytes(16);
  octets[0] = 0x40 | ((octets[0] as number) & 0x3f);
  return octets;
}

function describe(answers: readonly SampleAnswer[]): string {
  const octets = answers.map(({ der }) => der.length);
  return `${answers.length} answers of ${Math.min(...octets)} to ${Math.max(...octets)} octets, proved and read by pkijs`;
}

function outcome(
  check: RehearsalCheck["check"],
  problems: readonly string[],
  passed: string,
): RehearsalCheck {
  return problems.length === 0
    ? { check, result: "passed", detail: passed }
    : { check, result: "failed", detail: problems.join("; ") };
}
