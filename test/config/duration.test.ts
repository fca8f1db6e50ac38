import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationText, parseDuration } from "../../src/config/duration.ts";

const units = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

describe("parseDuration", () => {
  it("multiplies an integer by its unit", () => {
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat(), unit, (count, letter) => {
        const text = `${count}${letter}`;
        expect(parseDuration(text)).toStrictEqual({ text, seconds: count * units[letter] });
      }),
    );
  });

  it("reads back what durationText writes", () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        expect(parseDuration(durationText(seconds))?.seconds).toBe(seconds);
      }),
    );
  });

  it("reads nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer(), fc.float(), fc.anything()), (value) => {
        fc.pre(value !== 0 && !(typeof value === "string" && /^(0|[0-9]+[smhdy])$/.test(value)));
        expect(parseDuration(value)).toBeUndefined();
      }),
    );
  });

  it.each([
    "",
    "s",
    "1",
    "-1s",
    "+1s",
    "1.5h",
    "1 h",
    " 1h",
    "1h\n",
    "1H",
    "1h30m",
    "1w",
    "١h",
    "0x1s",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([[["1h"]], [{ toString: "1h" }], [Object.create(null)], [null], [true]])(
    "refuses %j, which is no text",
    (value) => {
      expect(parseDuration(value)).toBeUndefined();
    },
  );

  it.each([0, "0"])("reads %j as none", (zero) => {
    expect(parseDuration(zero)).toStrictEqual({ text: "0", seconds: 0 });
  });
});

describe("durationText", () => {
  it.each([
    [0, "0"],
    [59, "59s"],
    [90, "90s"],
    [120, "2m"],
    [7200, "2h"],
    [86_400, "1d"],
    [31_536_000, "365d"],
  ])("%i s is %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
