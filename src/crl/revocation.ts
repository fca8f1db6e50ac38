import type { UnixSeconds } from "../der/time.ts";
import type { ReasonCode } from "../x509/reason.ts";

/** What a CRL lists of a certificate, beside its serialNumber. */
export interface Revocation {
  readonly reason: ReasonCode;
  readonly revocationDate: UnixSeconds;
  readonly invalidityDate: UnixSeconds | undefined;
}

/** A row of `revoked`: reason (1), revocationDate (5), invalidityDate (5, 0 for none). */
export const REVOCATION_OCTETS = 11;

/** The octets of a row of `revoked`. */
export function encodeRevocation(revocation: Revocation): Buffer {
  const value = Buffer.alloc(REVOCATION_OCTETS);
  encodeRevocationInto(value, 0, revocation);
  return value;
}

/** Writes a row of `revoked` at `at`; a time before 1970 is a `RangeError`. */
export function encodeRevocationInto(into: Buffer, at: number, revocation: Revocation): void {
  into[at] = revocation.reason;
  into.writeUIntBE(revocation.revocationDate, at + 1, 5);
  into.writeUIntBE(revocation.invalidityDate ?? 0, at + 6, 5);
}

/** Reads a row of `revoked`. */
export function decodeRevocation(value: Buffer): Revocation {
  return {
    reason: value[0] as ReasonCode,
    revocationDate: value.readUIntBE(1, 5),
    invalidityDate: value.readUIntBE(6, 5) || undefined,
  };
}
