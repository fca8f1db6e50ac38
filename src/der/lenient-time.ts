import type { LenientReader } from "./lenient-reader.ts";
import { DerError, Tag } from "./reader.ts";
import { rfc3339, timeFromDer, type UnixSeconds } from "./time.ts";

/** A time as it stands, and what it says where that can be read. */
export interface ReadTime {
  readonly text: string;
  readonly at: UnixSeconds | undefined;
}

/** Which of the two types of time the standard wants there. */
export type TimeKind = "generalized" | "x509";

const UTC_TIME_ENDS = Date.UTC(2050, 0, 1) / 1000;

/**
 * Reads a time in whatever shape ASN.1 allows. What is not Zulu with seconds and without fractions is a
 * flaw (RFC 5280 4.1.2.5, RFC 9919 3.2.4), as is the other type than the one that is due.
 */
export function readAnyTime(reader: LenientReader, kind: TimeKind): ReadTime {
  const where = reader.place;
  const error = (problem: string, rule: string, weight: "error" | "lapse" = "error"): void =>
    reader.note({ where, problem, rule, weight });
  const tag = reader.peek();
  if (tag !== Tag.utcTime && tag !== Tag.generalizedTime) reader.fail("no time where one is due");
  const content = reader.content(tag);
  const text = Buffer.from(content.subarray(0, 40))
    .toString("latin1")
    .replace(/[^ -~]/g, "?");
  const strict = strictTime(tag, content);
  const at = strict ?? looseTime(tag, text);
  if (strict === undefined) error(`the time "${text}" is not ${SHAPES[tag]}`, "RFC 5280 4.1.2.5");
  if (kind === "generalized" && tag === Tag.utcTime) {
    error("UTCTime where GeneralizedTime is due", "RFC 6960 4.2.1");
  }
  if (kind === "x509" && tag === Tag.generalizedTime && at !== undefined && at < UTC_TIME_ENDS) {
    error("GeneralizedTime where UTCTime is due, before 2050", "RFC 5280 4.1.2.5", "lapse");
  }
  return { text, at };
}

/** For people and JSON: RFC 3339, or the octets as they stand. */
export function timeText(time: ReadTime): string {
  return time.at === undefined ? time.text : rfc3339(time.at);
}

const SHAPES: Readonly<Record<number, string>> = {
  [Tag.utcTime]: "YYMMDDHHMMSSZ",
  [Tag.generalizedTime]: "YYYYMMDDHHMMSSZ",
};

function strictTime(tag: number, content: Uint8Array): UnixSeconds | undefined {
  try {
    return timeFromDer(tag, content);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Times with a fraction, an offset or without seconds. */
function looseTime(tag: number, text: string): UnixSeconds | undefined {
  const full = tag === Tag.utcTime ? `${text < "50" ? "20" : "19"}${text}` : text;
  const shape = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})?$/.exec(full);
  if (!shape) return undefined;
  const [, year, month, day, hour, minute, second = "00", zone = "Z"] = shape;
  const offset = zone.replace(/(\d\d)(\d\d)/, "$1:$2");
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`) / 1000;
  return Number.isNaN(at) ? undefined : at;
}
