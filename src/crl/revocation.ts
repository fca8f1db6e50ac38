import type { UnixSeconds } from "../der/time.ts";
import type { ReasonCode } from "../x509/reason.ts";

/** What a CRL lists of a certificate, beside its serialNumber. */
export interface Revocation {
  readonly reason: ReasonCode;
  readonly revocationDate: UnixSeconds;
  readonly invalidityDate: UnixSeconds | undefined;
}

/** The octets of a row of `revoked`: reason (1), revocationDate (5), invalidityDate (5, 0 for none). */
export function encodeRevocation(revocation: Revocation): Buffer {
  const value = Buffer.alloc(11);
  value[0] = revocation.reason;
  value.writeUIntBE(revocation.revocationDate, 1, 5);
  value.writeUIntBE(revocation.invalidityDate ?? 0, 6, 5);
  return value;
}

/** Reads a row of `revoked`. */
export function decodeRevocation(value: Buffer): Revocation {
  return {
    reason: value[0] as ReasonCode,
    revocationDate: value.readUIntBE(1, 5),
    invalidityDate: value.readUIntBE(6, 5) || undefined,
  };
}
