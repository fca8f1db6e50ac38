import { OIDS } from "../der/oids.ts";
import { Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { element, sequence } from "../der/writer.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import {
  LONGEST_SERIAL_NUMBER,
  type SerialNumber,
  serialNumberText,
} from "../x509/serial-number.ts";
import { LONGEST_TIME, writeGeneralizedTime, writeX509Time } from "./time-writer.ts";

/** One revoked certificate as a CRL lists it (RFC 5280 5.1.2.6, 5.3). */
export interface RevokedEntry {
  readonly serialNumber: SerialNumber;
  readonly revocationDate: UnixSeconds;
  readonly reason: ReasonCode;
  readonly invalidityDate: UnixSeconds | undefined;
}

/** No entry takes more octets, so every length in it takes one. */
export const LONGEST_ENTRY = 128;

/** reasonCode as a whole Extension, by its number; unspecified is left out (RFC 5280 5.3.1). */
const reasonExtensions: readonly Uint8Array[] = Array.from({ length: 11 }, (_, code) =>
  code === CRLReason.unspecified
    ? new Uint8Array(0)
    : sequence(
        OIDS.crlReason,
        element(Tag.octetString, element(Tag.enumerated, Uint8Array.of(code))),
      ),
);

/** invalidityDate with room for its GeneralizedTime at the end (RFC 5280 5.3.2). */
const invalidityDateExtension: Uint8Array = sequence(
  OIDS.invalidityDate,
  element(Tag.octetString, new Uint8Array(LONGEST_TIME)),
);

/**
 * Writes an entry at `offset`, where `LONGEST_ENTRY` octets are free; returns the offset after it. A serial
 * number of no or over `LONGEST_SERIAL_NUMBER` octets and a time that X.509 cannot write are a `RangeError`.
 */
export function writeEntry(into: Uint8Array, offset: number, entry: RevokedEntry): number {
  const { serialNumber } = entry;
  const serialOctets = serialNumber.length;
  if (serialOctets === 0 || serialOctets > LONGEST_SERIAL_NUMBER) throw notASerialNumber(entry);
  into[offset + 2] = Tag.integer;
  into[offset + 3] = serialOctets;
  into.set(serialNumber, offset + 4);
  const dated = writeX509Time(into, offset + 4 + serialOctets, entry.revocationDate);
  const end = writeExtensions(into, dated, entry);
  into[offset] = Tag.sequence;
  into[offset + 1] = end - offset - 2;
  return end;
}

function writeExtensions(into: Uint8Array, start: number, entry: RevokedEntry): number {
  const { reason, invalidityDate } = entry;
  if (reason === CRLReason.unspecified && invalidityDate === undefined) return start;
  const reasonExtension = reasonExtensions[reason] as Uint8Array;
  into.set(reasonExtension, start + 2);
  let offset = start + 2 + reasonExtension.length;
  if (invalidityDate !== undefined) {
    into.set(invalidityDateExtension, offset);
    offset += invalidityDateExtension.length;
    writeGeneralizedTime(into, offset - LONGEST_TIME, invalidityDate);
  }
  into[start] = Tag.sequence;
  into[start + 1] = offset - start - 2;
  return offset;
}

function notASerialNumber({ serialNumber }: RevokedEntry): RangeError {
  return new RangeError(
    `serial number "${serialNumberText(serialNumber)}" has ${serialNumber.length} octets: a CRL lists 1 to ${LONGEST_SERIAL_NUMBER}`,
  );
}
