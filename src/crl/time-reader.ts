import { type DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const UTC_TIME_SIZE = 13;
const GENERALIZED_TIME_SIZE = 15;
const ZULU = 0x5a;

/** Reads a Time of a CRL: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 5.1.2.4), or before it where the reader forgives. */
export function readX509Time(reader: DerReader): UnixSeconds {
  if (reader.peek() === Tag.utcTime) return readUTCTime(reader);
  const at = reader.offset;
  const start = reader.pass(Tag.generalizedTime);
  if (fourDigits(reader.bytes, start) < 2050) {
    reader.refuse("GeneralizedTime where UTCTime is due", at);
  }
  return generalizedTimeAt(reader, at, start);
}

/** Reads a GeneralizedTime of any year: Zulu, seconds, no fraction (RFC 5280 4.1.2.5.2). */
export function readGeneralizedTime(reader: DerReader): UnixSeconds {
  const at = reader.offset;
  return generalizedTimeAt(reader, at, reader.pass(Tag.generalizedTime));
}

function readUTCTime(reader: DerReader): UnixSeconds {
  const at = reader.offset;
  const start = reader.pass(Tag.utcTime);
  const year = twoDigits(reader.bytes, start);
  const time = secondsAt(year < 50 ? 2000 + year : 1900 + year, reader.bytes, start + 2);
  if (reader.offset - start !== UTC_TIME_SIZE || Number.isNaN(time)) {
    reader.fail("UTCTime that is not YYMMDDHHMMSSZ", at);
  }
  return time;
}

/** `at` is where the element begins, `start` where its content does; it has been passed. */
function generalizedTimeAt(reader: DerReader, at: number, start: number): UnixSeconds {
  const time = secondsAt(fourDigits(reader.bytes, start), reader.bytes, start + 4);
  if (reader.offset - start !== GENERALIZED_TIME_SIZE || Number.isNaN(time)) {
    reader.fail("GeneralizedTime that is not YYYYMMDDHHMMSSZ", at);
  }
  return time;
}

/** Reads MMDDHHMMSSZ from `start`; NaN, here and below, is what is no such moment. */
function secondsAt(year: number, octets: Uint8Array, start: number): number {
  const days = daysSince1970(year, twoDigits(octets, start), twoDigits(octets, start + 2));
  const hour = upTo(23, twoDigits(octets, start + 4));
  const minute = upTo(59, twoDigits(octets, start + 6));
  const second = upTo(59, twoDigits(octets, start + 8));
  if (octets[start + 10] !== ZULU) return Number.NaN;
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

/** Days in the Gregorian calendar, counted from years that begin in March so that leap days end them. */
function daysSince1970(year: number, month: number, day: number): number {
  const longest = (DAYS_OF_MONTH[month - 1] ?? Number.NaN) + (month === 2 && isLeap(year) ? 1 : 0);
  if (!(day >= 1 && day <= longest)) return Number.NaN;
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 719469;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function upTo(most: number, value: number): number {
  return value <= most ? value : Number.NaN;
}

function fourDigits(octets: Uint8Array, at: number): number {
  return twoDigits(octets, at) * 100 + twoDigits(octets, at + 2);
}

function twoDigits(octets: Uint8Array, at: number): number {
  return digit(octets[at]) * 10 + digit(octets[at + 1]);
}

function digit(octet: number | undefined): number {
  return octet !== undefined && octet >= 0x30 && octet <= 0x39 ? octet - 0x30 : Number.NaN;
}
