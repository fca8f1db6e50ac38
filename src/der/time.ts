import { DerError, Tag } from "./reader.ts";
import { element, writeHeader } from "./writer.ts";

/** Seconds since 1970-01-01T00:00:00Z, whole: the precision of X.509 times. */
export type UnixSeconds = number;

/** The end of time in X.509: 99991231235959Z, "no well-defined end" (RFC 5280 4.1.2.5). */
export const END_OF_TIME: UnixSeconds = 253402300799;

const YEAR_0000: UnixSeconds = Date.parse("0000-01-01T00:00:00Z") / 1000;
const UTC_TIME_STARTS: UnixSeconds = Date.UTC(1950, 0, 1) / 1000;
const UTC_TIME_ENDS: UnixSeconds = Date.UTC(2050, 0, 1) / 1000;

/**
 * The 15 characters YYYYMMDDHHMMSSZ of a GeneralizedTime: Zulu, seconds, no fraction (RFC 5280 4.1.2.5.2).
 * A time outside of the years 0000 to 9999 is a `RangeError`.
 */
export function generalizedTimeText(at: UnixSeconds): string {
  return rfc3339(at).replace(/[-T:]/g, "");
}

/** A GeneralizedTime element; a `RangeError` as of `generalizedTimeText`. */
export function generalizedTime(at: UnixSeconds): Buffer {
  if (!(at >= YEAR_0000 && at <= END_OF_TIME)) {
    throw new RangeError(`the time ${at} is outside of years 0000 to 9999`);
  }
  const out = Buffer.allocUnsafe(2 + SHAPE.length);
  writeGeneralizedTimeText(out, writeHeader(out, 0, Tag.generalizedTime, SHAPE.length), at);
  return out;
}

/**
 * Time as certificates and CRLs write it: UTCTime through 2049, then GeneralizedTime (RFC 5280 5.1.2.4).
 * A time before 1950, which UTCTime cannot state, is a `RangeError`.
 */
export function x509Time(at: UnixSeconds): Buffer {
  if (at >= UTC_TIME_ENDS) return generalizedTime(at);
  if (!(at >= UTC_TIME_STARTS)) throw new RangeError(`the time ${at} is before 1950`);
  return element(Tag.utcTime, Buffer.from(generalizedTimeText(at).slice(2), "latin1"));
}

/** Reads the content of a UTCTime or GeneralizedTime in DER form; anything else is a `DerError`. */
export function timeFromDer(tag: number, content: Uint8Array): UnixSeconds {
  const text = Buffer.from(content).toString("latin1");
  const full = tag === Tag.utcTime ? centuryOf(text) + text : text;
  const at = parseDigits(full);
  if (at === undefined) {
    const shown = text.slice(0, 20).replace(/[^ -~]/g, "?");
    throw new DerError(`bad time "${shown}": not YYYYMMDDHHMMSSZ`);
  }
  return at;
}

/** UTCTime years 50-99 are 1950-1999 (RFC 5280 4.1.2.5.1). */
function centuryOf(text: string): string {
  return text < "50" ? "20" : "19";
}

const SHAPE = "YYYYMMDDHHMMSSZ";
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** By arithmetic: with Date's parser and a round trip, a proof spent as long on times as on all the rest. */
function parseDigits(text: string): UnixSeconds | undefined {
  if (text.length !== SHAPE.length || !text.endsWith("Z")) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 2);
  const day = digits(text, 6, 2);
  const hour = digits(text, 8, 2);
  const minute = digits(text, 10, 2);
  const second = digits(text, 12, 2);
  const days = month === 2 && !isLeap(year) ? 28 : (DAYS[month - 1] ?? 0);
  // A place that is no digit has made its number NaN, and no comparison with it holds.
  if (!(year >= 0 && day >= 1 && day <= days)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  // From 2000 on, a whole number of 400-year cycles later: Date.UTC takes years below 100 as 19xx.
  const at = Date.UTC(year + CYCLE_YEARS * 5, month - 1, day, hour, minute, second);
  return at / 1000 - CYCLE_SECONDS * 5;
}

const CYCLE_YEARS = 400;
const CYCLE_SECONDS = 146_097 * 86_400;

/** The number in these places, or NaN where one is no digit. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Date.parse lets February 30 and 24:00 through as what comes after; a round trip does not. */
function parseIso(text: string): UnixSeconds | undefined {
  const at = Date.parse(text) / 1000;
  return Number.isNaN(at) || isoText(at) !== text ? undefined : at;
}

/** With a sign and six digits for a year outside of 0000 to 9999. */
function isoText(at: UnixSeconds): string {
  return `${new Date(at * 1000).toISOString().split(".")[0]}Z`;
}

/**
 * RFC 3339 in UTC with seconds, as every output of Vouch has it. A time outside of the years 0000 to
 * 9999 is a `RangeError`.
 */
export function rfc3339(at: UnixSeconds): string {
  const text = isoText(at);
  if (!/^\d{4}-/.test(text))
    throw new RangeError(`the time ${at} is outside of years 0000 to 9999`);
  return text;
}

/**
 * Reads an RFC 3339 date-time, or nothing when it is not one, or is not of the years 0000 to 9999 in
 * UTC. Fractions of a second are cut off.
 */
export function parseRfc3339(text: string): UnixSeconds | undefined {
  const shape = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!shape) return undefined;
  const [, date, time, , zone = "Z"] = shape;
  if (parseIso(`${date}T${time}Z`) === undefined) return undefined;
  const at = Date.parse(`${date}T${time}${zone.toUpperCase()}`) / 1000;
  return at >= YEAR_0000 && at <= END_OF_TIME ? at : undefined;
}

/** The last days that were written, by their lowest bits, and the eight characters of each. */
const DAYS_KEPT = 8;
const keptDays = new Float64Array(DAYS_KEPT).fill(Number.NaN);
const dayTexts = new Uint8Array(8 * DAYS_KEPT);

/**
 * Writes the 15 characters YYYYMMDDHHMMSSZ at `offset`, without making a Date or a string: an answer
 * has up to five times in it, of two or three days.
 */
export function writeGeneralizedTimeText(into: Uint8Array, offset: number, at: UnixSeconds): void {
  const day = Math.floor(at / 86_400);
  const slot = day & (DAYS_KEPT - 1);
  if (day !== keptDays[slot]) writeDay(day, slot);
  for (let i = 0; i < 8; i++) into[offset + i] = dayTexts[8 * slot + i] as number;
  writeClock(into, offset + 8, at - day * 86_400);
  into[offset + 14] = 0x5a;
}

/** Days to a civil date, in years that begin on March 1 so that the leap day is the last. */
function writeDay(day: number, slot: number): void {
  const era = Math.floor((day + 719_468) / 146_097);
  const dayOfEra = day + 719_468 - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  twoDigits(dayTexts, 8 * slot, Math.floor(year / 100));
  twoDigits(dayTexts, 8 * slot + 2, year % 100);
  twoDigits(dayTexts, 8 * slot + 4, month);
  twoDigits(dayTexts, 8 * slot + 6, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1);
  keptDays[slot] = day;
}

/** HHMMSS of a second of the day. */
function writeClock(into: Uint8Array, offset: number, second: number): void {
  const hour = (second / 3600) | 0;
  const minute = ((second - hour * 3600) / 60) | 0;
  twoDigits(into, offset, hour);
  twoDigits(into, offset + 2, minute);
  twoDigits(into, offset + 4, second - hour * 3600 - minute * 60);
}

function twoDigits(into: Uint8Array, offset: number, value: number): void {
  const tens = (value / 10) | 0;
  into[offset] = 0x30 + tens;
  into[offset + 1] = 0x30 + value - tens * 10;
}
