import { GeneralizedTime } from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerError, DerReader, Tag } from "../../src/der/reader.ts";
import {
  END_OF_TIME,
  generalizedTime,
  generalizedTimeText,
  rfc3339,
  timeFromDer,
  writeGeneralizedTimeText,
  x509Time,
} from "../../src/der/time.ts";
import { at, times, YEAR_0000, YEAR_1950, YEAR_2050 } from "./times.ts";

function written(time: number): string {
  const into = Buffer.alloc(19, 0x2e);
  writeGeneralizedTimeText(into, 2, time);
  return into.toString("latin1");
}

const contentOf = (der: Uint8Array, tag: number): Uint8Array =>
  new DerReader(der, "Time").content(tag);

describe("GeneralizedTime", () => {
  it.each([
    [0, "19700101000000Z"],
    [-1, "19691231235959Z"],
    [at("1999-12-31T23:59:59Z"), "19991231235959Z"],
    [at("2000-02-29T12:00:00Z"), "20000229120000Z"],
    [at("2026-11-22T04:05:06Z"), "20261122040506Z"],
    [at("2100-02-28T23:59:59Z"), "21000228235959Z"],
    [at("2100-02-28T23:59:59Z") + 1, "21000301000000Z"],
    [END_OF_TIME, "99991231235959Z"],
    [YEAR_0000, "00000101000000Z"],
  ])("%i is %s", (time, text) => {
    expect(generalizedTimeText(time)).toBe(text);
    expect(written(time)).toBe(`..${text}..`);
    expect(Buffer.from(generalizedTime(time)).toString("latin1")).toBe(`\x18\x0f${text}`);
    expect(timeFromDer(Tag.generalizedTime, Buffer.from(text))).toBe(time);
  });

  it("is written without a Date as with one, in all years", () => {
    fc.assert(
      fc.property(times(YEAR_0000), (time) => {
        expect(written(time)).toBe(`..${generalizedTimeText(time)}..`);
      }),
      { numRuns: 2000 },
    );
  });

  it("is written without a Date on every day of 400 years, 1950 on", () => {
    for (let day = 0; day < 146_097; day++) {
      const time = YEAR_1950 + day * 86_400 + (day % 86_400);
      if (written(time) !== `..${generalizedTimeText(time)}..`) {
        expect(written(time)).toBe(`..${generalizedTimeText(time)}..`);
      }
    }
  });

  it("is what asn1js writes, and is read back", () => {
    fc.assert(
      fc.property(times(YEAR_1950), (time) => {
        const theirs = new GeneralizedTime({ valueDate: new Date(time * 1000) }).toBER();
        const ours = generalizedTime(time);
        expect(ours.toString("latin1")).toBe(Buffer.from(theirs).toString("latin1"));
        expect(timeFromDer(Tag.generalizedTime, contentOf(ours, Tag.generalizedTime))).toBe(time);
      }),
    );
  });

  it.each([END_OF_TIME + 1, YEAR_0000 - 1, Number.NaN, Number.POSITIVE_INFINITY])(
    "cannot state %d",
    (time) => {
      expect(() => generalizedTimeText(time)).toThrow(RangeError);
      expect(() => generalizedTime(time)).toThrow(RangeError);
      expect(() => x509Time(time)).toThrow(RangeError);
      expect(() => rfc3339(time)).toThrow(RangeError);
    },
  );
});

describe("x509Time", () => {
  it.each([
    [YEAR_1950, "\x17\x0d500101000000Z"],
    [at("1999-12-31T23:59:59Z"), "\x17\x0d991231235959Z"],
    [at("2000-01-01T00:00:00Z"), "\x17\x0d000101000000Z"],
    [YEAR_2050 - 1, "\x17\x0d491231235959Z"],
    [YEAR_2050, "\x18\x0f20500101000000Z"],
    [END_OF_TIME, "\x18\x0f99991231235959Z"],
  ])("%i", (time, der) => expect(x509Time(time).toString("latin1")).toBe(der));

  it.each([YEAR_1950 - 1, at("1949-12-31T00:00:00Z"), at("1850-06-01T00:00:00Z"), -1e12])(
    "refuses %d, which UTCTime would state as another century",
    (time) => expect(() => x509Time(time)).toThrow(RangeError),
  );

  it("is read back, whatever the time", () => {
    fc.assert(
      fc.property(times(YEAR_1950), (time) => {
        const tag = time < YEAR_2050 ? Tag.utcTime : Tag.generalizedTime;
        expect(timeFromDer(tag, contentOf(x509Time(time), tag))).toBe(time);
      }),
    );
  });
});

describe("timeFromDer", () => {
  it.each<[string, number, string]>([
    ["nothing", Tag.generalizedTime, ""],
    ["nothing as UTCTime", Tag.utcTime, ""],
    ["no Zulu", Tag.generalizedTime, "20261122040506"],
    ["an offset", Tag.generalizedTime, "20261122040506+0700"],
    ["a fraction", Tag.generalizedTime, "20261122040506.5Z"],
    ["a fraction of zero", Tag.generalizedTime, "20261122040506.0Z"],
    ["no seconds", Tag.generalizedTime, "202611220405Z"],
    ["lower case", Tag.generalizedTime, "20261122040506z"],
    ["a line end", Tag.generalizedTime, "20261122040506Z\n"],
    ["a space for a digit", Tag.generalizedTime, "20261122 40506Z"],
    ["a sign", Tag.generalizedTime, "+0261122040506Z"],
    ["digits of another script", Tag.generalizedTime, "٢٠٢٦1122040506Z"],
    ["month 00", Tag.generalizedTime, "20260022040506Z"],
    ["month 13", Tag.generalizedTime, "20261322040506Z"],
    ["day 00", Tag.generalizedTime, "20261100040506Z"],
    ["February 30", Tag.generalizedTime, "20240230040506Z"],
    ["February 29 of no leap year", Tag.generalizedTime, "20260229040506Z"],
    ["February 29 of 1900", Tag.generalizedTime, "19000229040506Z"],
    ["hour 24", Tag.generalizedTime, "20261122240000Z"],
    ["hour 24 at the end of time", Tag.generalizedTime, "99991231240000Z"],
    ["minute 60", Tag.generalizedTime, "20261122046006Z"],
    ["a leap second", Tag.generalizedTime, "20161231235960Z"],
    ["GeneralizedTime as UTCTime", Tag.utcTime, "20261122040506Z"],
    ["UTCTime as GeneralizedTime", Tag.generalizedTime, "261122040506Z"],
    ["UTCTime without seconds", Tag.utcTime, "2611220405Z"],
    ["UTCTime with an offset", Tag.utcTime, "261122040506+0000"],
    ["UTCTime of February 30", Tag.utcTime, "240230040506Z"],
  ])("refuses %s", (_, tag, text) => {
    const read = (): number => timeFromDer(tag, Buffer.from(text, "utf8"));
    expect(read).toThrow(DerError);
    expect(read).toThrow(/^bad time "[ -~]{0,20}": not YYYYMMDDHHMMSSZ$/);
  });

  it("puts UTCTime years 50 to 99 into the century before (RFC 5280 4.1.2.5.1)", () => {
    const year = (text: string): number =>
      new Date(timeFromDer(Tag.utcTime, Buffer.from(text)) * 1000).getUTCFullYear();
    expect(["50", "99", "00", "49"].map((yy) => year(`${yy}0101000000Z`))).toEqual([
      1950, 1999, 2000, 2049,
    ]);
  });

  it("does not let what a stranger wrote steer a terminal", () => {
    const read = (): number => timeFromDer(Tag.utcTime, Buffer.from("\u001b[31m\r\nred\u0000\x9b"));
    expect(read).toThrow('bad time "?[31m??red??');
  });

  it("any content: a time or a DerError", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789Z"), maxLength: 16 });
    const content = fc.oneof(
      digits.map((text) => Buffer.from(text)),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(content, fc.constantFrom(Tag.utcTime, Tag.generalizedTime), (octets, tag) => {
        let time: number | undefined;
        try {
          time = timeFromDer(tag, octets);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
        if (time !== undefined) {
          expect(generalizedTimeText(time)).toContain(Buffer.from(octets).toString("latin1"));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
