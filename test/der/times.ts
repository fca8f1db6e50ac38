import fc from "fast-check";
import { END_OF_TIME } from "../../src/der/time.ts";

/** Seconds since 1970. */
export const at = (text: string): number => Date.parse(text) / 1000;
export const YEAR_0000: number = at("0000-01-01T00:00:00Z");
export const YEAR_1950: number = at("1950-01-01T00:00:00Z");
export const YEAR_2050: number = at("2050-01-01T00:00:00Z");

/** Times evenly, and more of those at the edges of days, months, years, centuries and leap years. */
export function times(min: number): fc.Arbitrary<number> {
  const first = new Date(min * 1000).getUTCFullYear();
  const edge = fc
    .record({
      year: fc.oneof(
        fc.integer({ min: first, max: 9999 }),
        fc.constantFrom(2000, 2049, 2050, 2100),
      ),
      month: fc.nat(11),
      day: fc.constantFrom(1, 28, 29, 30, 31),
      hour: fc.constantFrom(0, 12, 23),
      minute: fc.constantFrom(0, 59),
      second: fc.constantFrom(0, 59),
    })
    .map(({ year, month, day, hour, minute, second }) => {
      const date = new Date(0);
      date.setUTCFullYear(year, month, day);
      return date.setUTCHours(hour, minute, second) / 1000;
    })
    .filter((time) => time >= min && time <= END_OF_TIME);
  return fc.oneof(fc.integer({ min, max: END_OF_TIME }), edge);
}
