import { decodeRevocation, type Revocation } from "../../crl/revocation.ts";
import type { UnixSeconds } from "../../der/time.ts";
import { type CertRecord, type CertStatus, goodStatus, reasonOf } from "../../ocsp/record.ts";
import { CRLReason } from "../../x509/reason.ts";
import type { CRLDifference } from "./crl-differences.ts";

/**
 * What a CRL that is the truth makes of a certificate: another status; `forgotten`, no longer on hold and of
 * no list of certificates; `kept`, as it is; or `lost`, as it is although the CRL undoes a revocation.
 */
export type CRLVerdict = CertStatus | "forgotten" | "kept" | "lost";

/**
 * The rule for one difference; `record` is what the store knows of the certificate, `thisUpdate` the CRL's.
 * A revocation is never undone (RFC 5280 5.3.1). What expired may leave the CRL, and stays revoked; what left
 * and was on hold is released. Of a certificate that no list named, nobody knows whether it expired.
 */
export function crlVerdict(
  { listed, known }: CRLDifference,
  record: CertRecord | undefined,
  thisUpdate: UnixSeconds,
): CRLVerdict {
  if (listed) return listedStatus(decodeRevocation(listed), record);
  if (!record || !known) return "kept";
  const { notAfter, status } = record;
  if (notAfter !== undefined && notAfter < thisUpdate) return "kept";
  if (status !== "hold") return notAfter === undefined ? "kept" : "lost";
  return notAfter === undefined ? "forgotten" : goodStatus(notAfter);
}

function listedStatus(listed: Revocation, record: CertRecord | undefined): CRLVerdict {
  const isHold = listed.reason === CRLReason.certificateHold;
  if (isHold && record?.status === "revoked") return "lost";
  if (record && isAsListed(record, listed)) return "kept";
  return {
    status: isHold ? "hold" : "revoked",
    ...listed,
    notAfter: record?.notAfter,
    version: 0,
  };
}

function isAsListed(record: CertRecord, listed: Revocation): boolean {
  return (
    record.status !== "good" &&
    reasonOf(record) === listed.reason &&
    record.revocationDate === listed.revocationDate &&
    record.invalidityDate === listed.invalidityDate
  );
}
