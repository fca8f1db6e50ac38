import { parseRfc3339, rfc3339, type UnixSeconds } from "../der/time.ts";
import { Failure } from "./failure.ts";

/** The value of an option that is a time in the past, in UTC; null where it was not given. */
export function pastTime(
  option: string,
  given: string | undefined,
  now: UnixSeconds,
): string | null {
  if (given === undefined) return null;
  const at = parseRfc3339(given);
  if (at === undefined) {
    throw new Failure(
      "badTime",
      `${option}: "${given}" is no RFC 3339 time`,
      `write it with its zone, as in ${rfc3339(now)} or 2026-03-01T09:30:00+07:00`,
    );
  }
  if (at > now) {
    throw new Failure(
      "badTime",
      `${option}: ${given} is in the future (it is ${rfc3339(now)})`,
      "give a time that has passed",
    );
  }
  return rfc3339(at);
}
