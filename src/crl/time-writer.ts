import { Tag } from "../der/reader.ts";
import { END_OF_TIME, type UnixSeconds, writeGeneralizedTimeText } from "../der/time.ts";

/** The most octets that a time written here takes. */
export const LONGEST_TIME = 17;

const UTC_TIME_STARTS: UnixSeconds = Date.UTC(1950, 0, 1) / 1000;
const UTC_TIME_ENDS: UnixSeconds = Date.UTC(2050, 0, 1) / 1000;

/**
 * Writes a Time element at `offset`, UTCTime through 2049, then GeneralizedTime (RFC 5280 5.1.2.4);
 * returns the offset after it. A time before 1950 or after 9999 is a `RangeError`.
 */
export function writeX509Time(into: Uint8Array, offset: number, at: UnixSeconds): number {
  if (at >= UTC_TIME_ENDS) return writeGeneralizedTime(into, offset, at);
  checkRange(at);
  // The header falls on the two digits of the century, which UTCTime does not have.
  writeGeneralizedTimeText(into, offset, at);
  into[offset] = Tag.utcTime;
  into[offset + 1] = 13;
  return offset + 15;
}

/** Writes a GeneralizedTime element likewise. */
export function writeGeneralizedTime(into: Uint8Array, offset: number, at: UnixSeconds): number {
  checkRange(at);
  into[offset] = Tag.generalizedTime;
  into[offset + 1] = 15;
  writeGeneralizedTimeText(into, offset + 2, at);
  return offset + LONGEST_TIME;
}

function checkRange(at: UnixSeconds): void {
  if (at >= UTC_TIME_STARTS && at <= END_OF_TIME) return;
  throw new RangeError(`a CRL cannot state the time ${at}: it is not from 1950 to 9999`);
}
