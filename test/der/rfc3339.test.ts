import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRfc3339, rfc3339 } from "../../src/der/time.ts";
import { at, times, YEAR_0000 } from "./times.ts";

describe("RFC 3339", () => {
  it.each([
    ["2026-11-22T04:05:06Z", "2026-11-22T04:05:06Z"],
    ["2026-11-22t04:05:06z", "2026-11-22T04:05:06Z"],
    ["2026-11-22T04:05:06.999Z", "2026-11-22T04:05:06Z"],
    ["2026-11-22T04:05:06+07:00", "2026-11-21T21:05:06Z"],
    ["2026-11-22T04:05:06.123-11:30", "2026-11-22T15:35:06Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"],
  ])("%s is read", (text, meant) => {
    const time = parseRfc3339(text);
    expect(time).toBe(Math.floor(at(meant)));
    expect(rfc3339(time ?? Number.NaN)).toBe(meant);
  });

  it.each([
    "",
    "2026-11-22",
    "2026-11-22 04:05:06Z",
    "2026-11-22T04:05Z",
    "2026-11-22T04:05:06",
    "2026-11-22T04:05:06.Z",
    "2026-11-22T04:05:06+7",
    "2026-11-22T04:05:06+24:00",
    "2026-11-22T04:05:06+07:60",
    "2026-02-29T04:05:06Z",
    "2026-02-29T04:05:06+01:00",
    "2026-11-22T24:00:00Z",
    "9999-12-31T24:00:00Z",
    "2026-11-22T04:05:60Z",
    "+002026-11-22T04:05:06Z",
    "2026-11-22T04:05:06Z\n",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
  ])("%j is not", (text) => expect(parseRfc3339(text)).toBeUndefined());

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(times(YEAR_0000), (time) => {
        expect(parseRfc3339(rfc3339(time))).toBe(time);
      }),
    );
  });

  it("any text: nothing, or a time that can be written", () => {
    const text = fc.string({ unit: fc.constantFrom(..."0123456789-:.TZ+"), maxLength: 26 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), text), (any) => {
        const time = parseRfc3339(any);
        if (time !== undefined) expect(rfc3339(time)).toMatch(/^\d{4}-/);
      }),
    );
  });
});
