import type { z } from "zod";
import { type Reading, scalar } from "./scalar.ts";

/** A span of time as it was written, and in seconds. */
interface Duration {
  readonly text: string;
  readonly seconds: number;
}

const unitSeconds = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["y", 365 * 86_400],
]);

// From any present moment, a time this far away still has the four-digit year of RFC 5280 4.1.2.5.
const LONGEST = "1000y";

/** Reads an integer and s, m, h, d or y (365 days), or 0; nothing when it is anything else. Sets no limit. */
export function parseDuration(written: unknown): Duration | undefined {
  if (written === 0 || written === "0") return { text: "0", seconds: 0 };
  const [text, digits, unit = ""] =
    (typeof written === "string" && /^(\d+)([smhdy])$/.exec(written)) || [];
  return text === undefined ? undefined : { text, seconds: Number(digits) * secondsIn(unit) };
}

/** The shortest way to write so many seconds as a duration of at most days. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0";
  const unit = ["d", "h", "m"].find((one) => seconds % secondsIn(one) === 0) ?? "s";
  return `${seconds / secondsIn(unit)}${unit}`;
}

/** A duration of at least so much. */
export function duration(least = "0"): z.ZodType<Duration> {
  return scalar((raw) => readDuration(raw, least));
}

/** As `duration`, for values that may also be something else. */
export function readDuration(raw: unknown, least = "0"): Reading<Duration> {
  const value = parseDuration(raw);
  if (value === undefined) {
    const must = "an integer and s, m, h, d or y, or 0";
    return { must, do: "write it as 90s, 5m, 24h, 7d or 10y" };
  }
  if (value.seconds < parsed(least).seconds) {
    return { must: `at least ${least}`, do: `write ${least} or more` };
  }
  if (value.seconds > parsed(LONGEST).seconds) {
    return { must: `at most ${LONGEST}`, do: `write ${LONGEST} or less` };
  }
  return { value };
}

/** What stands where nothing is written; a problem with it says that it is the default. */
export function defaultDuration(text: string): Duration {
  return { text: `${text} (the default)`, seconds: parsed(text).seconds };
}

/** Whether a value in a draft is a duration that was understood. */
export function isDuration(value: unknown): value is Duration {
  return typeof value === "object" && value !== null && "seconds" in value;
}

function parsed(text: string): Duration {
  const value = parseDuration(text);
  if (value === undefined) throw new RangeError(`not a duration: ${text}`);
  return value;
}

function secondsIn(unit: string): number {
  return unitSeconds.get(unit) ?? Number.NaN;
}
