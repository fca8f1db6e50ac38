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
