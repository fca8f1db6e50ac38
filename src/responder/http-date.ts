import type { UnixSeconds } from "../der/time.ts";

const REMEMBERED = 1024;
const times = new Float64Array(REMEMBERED).fill(Number.NaN);
const texts = new Array<string>(REMEMBERED).fill("");

/**
 * An IMF-fixdate, the one form that is written (RFC 9110 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
 * `at` is a whole number of seconds of the years 1970 to 9999.
 *
 * The last texts are remembered, by second: answers of one sweep, and `Date`, ask for few of them.
 */
export function httpDate(at: UnixSeconds): string {
  const slot = at % REMEMBERED;
  if (times[slot] !== at) {
    texts[slot] = new Date(at * 1000).toUTCString();
    times[slot] = at;
  }
  return texts[slot] as string;
}

/** The characters of an IMF-fixdate that are the same all day. */
const DAY_TEXT = "Sun, 06 Nov 1994 ".length;
const DAYS_KEPT = 8;
const keptDays = new Float64Array(DAYS_KEPT).fill(Number.NaN);
const dayTexts = Buffer.alloc(DAYS_KEPT * DAY_TEXT);

/** Writes the 29 characters of `httpDate` at `offset`, all but the ` GMT` at the end, which is there. */
export function writeHttpDate(into: Uint8Array, offset: number, at: UnixSeconds): void {
  const day = Math.floor(at / 86_400);
  const slot = day & (DAYS_KEPT - 1);
  if (keptDays[slot] !== day) {
    dayTexts.write(httpDate(day * 86_400), slot * DAY_TEXT, DAY_TEXT, "latin1");
    keptDays[slot] = day;
  }
  for (let i = 0; i < DAY_TEXT; i++) into[offset + i] = dayTexts[slot * DAY_TEXT + i] as number;
  const second = at - day * 86_400;
  const hour = (second / 3600) | 0;
  const minute = ((second - hour * 3600) / 60) | 0;
  twoDigits(into, offset + DAY_TEXT, hour);
  twoDigits(into, offset + DAY_TEXT + 3, minute);
  twoDigits(into, offset + DAY_TEXT + 6, second - hour * 3600 - minute * 60);
}

function twoDigits(into: Uint8Array, offset: number, value: number): void {
  const tens = (value / 10) | 0;
  into[offset] = 0x30 + tens;
  into[offset + 1] = 0x30 + value - tens * 10;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/;
const RFC850_DATE =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/;
const ASCTIME_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/;

/**
 * Reads an HTTP-date in any of its three forms (RFC 9110 5.6.7), or nothing when it is none.
 *
 * The day's name must be one, but need not be the date's. A leap second counts as the second after
 * it. `now` settles the century of a two-digit year: at most 50 years ahead.
 */
export function parseHttpDate(text: string, now: UnixSeconds): UnixSeconds | undefined {
  const found = IMF_FIXDATE.exec(text) ?? RFC850_DATE.exec(text) ?? ASCTIME_DATE.exec(text);
  if (!found?.groups) return undefined;
  const { day = "", month = "", year = "", time = "" } = found.groups;
  const read = (inYear: number) => secondsOf(inYear, MONTHS.indexOf(month), Number(day), time);
  return year.length === 4 ? read(Number(year)) : inNearestCentury(Number(year), now, read);
}

function secondsOf(year: number, month: number, day: number, time: string): number | undefined {
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month, day);
  // A day that the month does not have has become one of the next month.
  if (midnight.getUTCDate() !== day) return undefined;
  return midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function inNearestCentury(
  lastDigits: number,
  now: UnixSeconds,
  read: (year: number) => UnixSeconds | undefined,
): UnixSeconds | undefined {
  const latest = new Date(now * 1000);
  latest.setUTCFullYear(latest.getUTCFullYear() + 50);
  const century = latest.getUTCFullYear() - (latest.getUTCFullYear() % 100);
  const at = read(century + lastDigits);
  return at !== undefined && at * 1000 <= latest.getTime() ? at : read(century - 100 + lastDigits);
}
