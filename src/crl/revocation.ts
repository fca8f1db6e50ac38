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
  const value = Buffer.allocUnsafe(REVOCATION_OCTETS);
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
export function decodeRevocation(value: Uint8Array): Revocation {
  return {
    reason: revokedReason(value, 0),
    revocationDate: revokedDate(value, 0),
    invalidityDate: revokedInvalidity(value, 0),
  };
}

// Single fields of the row at `at`, for walks over a million of them.
export const revokedReason = (octets: Uint8Array, at: number): ReasonCode =>
  octets[at] as ReasonCode;
export const revokedDate = (octets: Uint8Array, at: number): UnixSeconds => time(octets, at + 1);
export const revokedInvalidity = (octets: Uint8Array, at: number): UnixSeconds | undefined =>
  time(octets, at + 6) || undefined;

/** Five octets. */
function time(octets: Uint8Array, at: number): UnixSeconds {
  let low = 0;
  for (let i = 1; i < 5; i++) low = (low << 8) | (octets[at + i] as number);
  return (octets[at] as number) * 0x1_0000_0000 + (low >>> 0);
}
