import { timeText } from "../../der/lenient-time.ts";
import { rfc3339 } from "../../der/time.ts";
import type { BasicOCSPResponse, SingleResponse } from "../../ocsp/any-response.ts";
import type { HashName } from "../../ocsp/hash.ts";
import { responseStatusName } from "../../ocsp/response-status.ts";
import { nameText } from "../../x509/name.ts";
import { reasonName } from "../../x509/reason.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import { algorithmName } from "../explain/names.ts";
import type { Finding } from "./finding.ts";
import type { FoundSigner } from "./signer-findings.ts";

/** What one responder answered for one certificate; what is absent is null. */
export interface Answer {
  readonly url: string;
  readonly certificate: string | null;
  readonly serialNumber: string;
  readonly method: "GET" | "POST";
  readonly hash: HashName;
  /** The answer may be relied on, whatever it says. */
  readonly valid: boolean;
  readonly httpStatus: number | null;
  readonly milliseconds: number | null;
  readonly bytes: number | null;
  readonly responseStatus: string | null;
  readonly certStatus: "good" | "revoked" | "unknown" | null;
  readonly reason: string | null;
  readonly revocationDate: string | null;
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  readonly producedAt: string | null;
  readonly nonce: NonceOutcome;
  readonly signer: AnswerSigner | null;
  /** What makes the answer one not to rely on. */
  readonly problems: readonly Told[];
  /** What relying parties accept none the less. */
  readonly warnings: readonly Told[];
}

export type NonceOutcome = "notAsked" | "echoed" | "absent" | "different";

interface Told {
  readonly problem: string;
  readonly do: string;
}

interface AnswerSigner {
  readonly by: "ca" | "delegate";
  readonly name: string;
  readonly serialNumber: string;
  readonly notAfter: string;
  readonly algorithm: string;
}

/** The fields that an answer's single response gives. */
export type SingleFields = Pick<
  Answer,
  "certStatus" | "reason" | "revocationDate" | "thisUpdate" | "nextUpdate"
>;

export const NO_SINGLE: SingleFields = {
  certStatus: null,
  reason: null,
  revocationDate: null,
  thisUpdate: null,
  nextUpdate: null,
};

export function singleFields(single: SingleResponse): SingleFields {
  const { certStatus, revocationTime, revocationReason, thisUpdate, nextUpdate } = single;
  return {
    certStatus,
    reason: certStatus === "revoked" ? reasonText(revocationReason) : null,
    revocationDate: revocationTime ? timeText(revocationTime) : null,
    thisUpdate: timeText(thisUpdate),
    nextUpdate: nextUpdate ? timeText(nextUpdate) : null,
  };
}

function reasonText(code = 0): string {
  return reasonName(code) ?? String(code);
}

export function signerFields(
  signer: FoundSigner | undefined,
  basic: BasicOCSPResponse,
): AnswerSigner | null {
  if (!signer) return null;
  const { by, certificate } = signer;
  return {
    by,
    name: nameText(certificate.subject),
    serialNumber: serialNumberText(certificate.serialNumber),
    notAfter: rfc3339(certificate.notAfter),
    algorithm: algorithmName(basic.signatureAlgorithm),
  };
}

/** A status by its name, or its number where RFC 6960 has none. */
export function statusText(status: number): string {
  return responseStatusName(status) ?? String(status);
}

export function told(findings: readonly Finding[], weight: Finding["weight"]): Told[] {
  return findings
    .filter((finding) => finding.weight === weight)
    .map(({ problem, do: remedy }) => ({ problem, do: remedy }));
}
