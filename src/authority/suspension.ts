import { goodStatus } from "../ocsp/record.ts";
import { CRLReason } from "../x509/reason.ts";
import type { ChangeReport, HoldRequest, ReleaseRequest } from "./admin-types.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { Refused } from "./refused.ts";
import { timeOf } from "./revocation.ts";
import { changeStatus } from "./status-change.ts";

/**
 * Suspends certificates (certificateHold, RFC 5280 5.3.1), where the issuer's configuration allows it. What
 * is on hold or revoked already stays as it is.
 */
export function hold(desk: Desk, issuer: Issuer, request: HoldRequest): Promise<ChangeReport> {
  if (!issuer.config.hold) throw holdIsOff(issuer);
  return changeStatus(desk, issuer, request, ({ status, notAfter }, at) => {
    if (status === "revoked") return "alreadyRevoked";
    if (status === "hold") return "unchanged";
    return {
      status: "hold",
      reason: CRLReason.certificateHold,
      revocationDate: timeOf(request.revocationDate) ?? at,
      invalidityDate: undefined,
      notAfter,
      version: 0,
    };
  });
}

/**
 * Ends the suspension of certificates. It needs no switch: what was put on hold before the switch was
 * turned off can be released. What is good stays so; what is revoked is refused.
 */
export function release(
  desk: Desk,
  issuer: Issuer,
  request: ReleaseRequest,
): Promise<ChangeReport> {
  return changeStatus(desk, issuer, request, ({ status, notAfter }) => {
    if (status === "revoked") return "neverUndone";
    if (status === "good") return "unchanged";
    return goodStatus(notAfter);
  });
}

function holdIsOff({ name }: Issuer): Refused {
  return new Refused(
    "holdRefused",
    `certificates of ${name} cannot be suspended: hold is switched off for it`,
    `revoke them (vouch revoke), or set "hold: true" for ${name} and reload, if its policy allows suspension`,
  );
}
