import { DerError, Tag } from "./reader.ts";
import { element } from "./writer.ts";

/** Seconds since 1970-01-01T00:00:00Z, whole: the precision of X.509 times. */
export type UnixSeconds = number;

/** The end of time in X.509: 99991231235959Z, "no well-defined end" (RFC 5280 4.1.2.5). */
export const END_OF_TIME: UnixSeconds = 253402300799;

const UTC_TIME_ENDS: UnixSeconds = Date.UTC(2050, 0, 1) / 1000;

/** The 15 characters YYYYMMDDHHMMSSZ of a GeneralizedTime: Zulu, seconds, no fraction (RFC 5280 4.1.2.5.2). */
export function generalizedTimeText(at: UnixSeconds): string {
  const iso = new Date(at * 1000).toISOString();
  return `${iso.slice(0, 19).replace(/[-T:]/g, "")}Z`;
}

/** A GeneralizedTime element. */
export function generalizedTime(at: UnixSeconds): Buffer {
  return element(Tag.generalizedTime, Buffer.from(generalizedTimeText(at), "latin1"));
}

/** Time as certificates and CRLs write it: UTCTime through 2049, then GeneralizedTime (RFC 5280 5.1.2.4). */
export function x509Time(at: UnixSeconds): Buffer {
  if (at >= UTC_TIME_ENDS) return generalizedTime(at);
  return element(Tag.utcTime, Buffer.from(generalizedTimeText(at).slice(2), "latin1"));
}

/** Reads the content of a UTCTime or GeneralizedTime in DER form; anything else is a `DerError`. */
export function timeFromDer(tag: number, content: Uint8Array): UnixSeconds {
  const text = Buffer.from(content).toString("latin1");
  const full = tag === Tag.utcTime ? centuryOf(text) + text : text;
  const at = parseDigits(full);
  if (at === undefined) throw new DerError(`bad time "${text.slice(0, 20)}": not YYYYMMDDHHMMSSZ`);
  return at;
}

/** UTCTime years 50-99 are 1950-1999 (RFC 5280 4.1.2.5.1). */
function centuryOf(text: string): string {
  return text < "50" ? "20" : "19";
}

function parseDigits(text: string): UnixSeconds | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse lets February 30 through as March 1 or 2; a round trip does not.
  if (Number.isNaN(at) || generalizedTimeText(at / 1000) !== text) return undefined;
  return at / 1000;
}

/** RFC 3339 in UTC with seconds, as every output of Vouch has it. */
export function rfc3339(at: UnixSeconds): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}

/** Reads an RFC 3339 date-time, or nothing when it is not one. Fractions of a second are cut off. */
export function parseRfc3339(text: string): UnixSeconds | undefined {
  const shape = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!shape) return undefined;
  const [, date, time, , zone = "Z"] = shape;
  const local = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(local) || rfc3339(local / 1000) !== `${date}T${time}Z`) return undefined;
  const at = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(at) ? undefined : at / 1000;
}

/**
 * Writes the 15 characters YYYYMMDDHHMMSSZ at `offset`, without making a Date or a string: an answer
 * has up to five times in it.
 */
export function writeGeneralizedTimeText(into: Uint8Array, offset: number, at: UnixSeconds): void {
  const days = Math.floor(at / 86_400);
  const second = at - days * 86_400;
  // Days to a civil date, in years that begin on March 1 so that the leap day is the last.
  const era = Math.floor((days + 719_468) / 146_097);
  const dayOfEra = days + 719_468 - era * 146_097;
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
  twoDigits(into, offset, Math.floor(year / 100));
  twoDigits(into, offset + 2, year % 100);
  twoDigits(into, offset + 4, month);
  twoDigits(into, offset + 6, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1);
  twoDigits(into, offset + 8, Math.floor(second / 3600));
  twoDigits(into, offset + 10, Math.floor(second / 60) % 60);
  twoDigits(into, offset + 12, second % 60);
  into[offset + 14] = 0x5a;
}

function twoDigits(into: Uint8Array, offset: number, value: number): void {
  into[offset] = 0x30 + Math.floor(value / 10);
  into[offset + 1] = 0x30 + (value % 10);
}
