import { parseRfc3339, type UnixSeconds } from "../der/time.ts";
import type { CertRecord } from "../ocsp/record.ts";
import { CRLReason } from "../x509/reason.ts";
import type { ChangeReport, RevokeRequest } from "./admin-types.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { changeStatus, type Verdict } from "./status-change.ts";

/**
 * Revokes certificates. What is revoked already stays as it is; what was never issued is refused; the
 * others are done. What is on hold takes the new reason, and is revoked since its hold or earlier.
 */
export function revoke(desk: Desk, issuer: Issuer, request: RevokeRequest): Promise<ChangeReport> {
  return changeStatus(desk, issuer, request, (record, at) => revoked(record, request, at));
}

function revoked(record: CertRecord, request: RevokeRequest, at: UnixSeconds): Verdict {
  if (record.status === "revoked") return "alreadyRevoked";
  return {
    status: "revoked",
    reason: CRLReason[request.reason],
    revocationDate: revocationDateOf(record, timeOf(request.revocationDate), at),
    invalidityDate: timeOf(request.invalidityDate) ?? record.invalidityDate,
    notAfter: record.notAfter,
    version: 0,
  };
}

/**
 * Since when a certificate is revoked that was good or on hold so far. A hold that becomes a revocation was
 * in force all along: a later date would make good what was signed meanwhile.
 */
export function revocationDateOf(
  record: Pick<CertRecord, "status" | "revocationDate">,
  given: UnixSeconds | undefined,
  at: UnixSeconds,
): UnixSeconds {
  if (record.status !== "hold") return given ?? at;
  return Math.min(given ?? at, record.revocationDate);
}

/** A time of a request, which has been checked. */
export function timeOf(text: string | null): UnixSeconds | undefined {
  return text === null ? undefined : parseRfc3339(text);
}
