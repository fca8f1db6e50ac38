import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answerCacheControl,
  answerMaxAge,
  crlCacheControl,
  crlMaxAge,
  ERROR_CACHE_CONTROL,
  spreadOf,
} from "../../src/responder/cache-control.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const SIGNED = 1_795_000_000;
const policy = { validitySeconds: DAY, backdateSeconds: 900 };
const times = { thisUpdate: SIGNED - 900, nextUpdate: SIGNED - 900 + DAY - 1 };

describe("answerMaxAge of a day's answer, back-dated by 15 minutes", () => {
  it.each([
    ["just signed: the hour", SIGNED, HOUR],
    ["an hour and a second before half of the life", SIGNED + DAY / 2 - HOUR - 1, HOUR],
    ["an hour before half of the life: ends before it", SIGNED + DAY / 2 - HOUR, HOUR - 1],
    ["61 s before half of the life", SIGNED + DAY / 2 - 61, 60],
    ["nearly due: the minute", SIGNED + DAY / 2 - 10, 60],
    ["due: the minute", SIGNED + DAY / 2, 60],
    ["long overdue: the minute", times.nextUpdate - 61, 60],
    ["a minute to nextUpdate: that would reach it", times.nextUpdate - 60, 0],
    ["at nextUpdate", times.nextUpdate, 0],
    ["long past", times.nextUpdate + DAY, 0],
    ["a clock that is behind", SIGNED - DAY, HOUR],
  ])("%s", (_name, now, expected) => {
    expect(answerMaxAge(times, policy, now, 0)).toBe(expected);
  });

  it("spreads over a quarter", () => {
    expect(answerMaxAge(times, policy, SIGNED, 0.5)).toBe(3150);
    expect(answerMaxAge(times, policy, SIGNED, 1)).toBe(2700);
  });

  it("ends before nextUpdate where the signer's end has cut the life short", () => {
    const cut = { ...times, nextUpdate: SIGNED + 600 };
    expect(answerMaxAge(cut, policy, SIGNED, 0)).toBe(599);
  });

  it("ends before half of ten seconds, the shortest validity", () => {
    const shortest = { thisUpdate: SIGNED, nextUpdate: SIGNED + 9 };
    const ages = [0, 3, 4, 5, 9].map((passed) =>
      answerMaxAge(shortest, { validitySeconds: 10, backdateSeconds: 0 }, SIGNED + passed, 0),
    );
    expect(ages).toEqual([4, 1, 0, 0, 0]);
  });
});

describe("spreadOf", () => {
  it.each([1, 3, 8, 20])("spreads 256 serial numbers in a row, of %i octets, evenly", (length) => {
    const spreads = Array.from({ length: 256 }, (_, last) =>
      spreadOf(Buffer.alloc(length, 0x3c).fill(last, length - 1)),
    );
    for (const quarter of [0, 1, 2, 3]) {
      const count = spreads.filter((spread) => Math.floor(spread * 4) === quarter).length;
      expect(count).toBeGreaterThan(32);
    }
  });

  it("is from 0 to below 1, and the same for one serial number always", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (serialNumber) => {
        const spread = spreadOf(serialNumber);
        expect(spread).toBeGreaterThanOrEqual(0);
        expect(spread).toBeLessThan(1);
        expect(spreadOf(Uint8Array.from(serialNumber))).toBe(spread);
      }),
    );
  });
});

describe("answerMaxAge of any answer at any time", () => {
  const cases = fc
    .record({
      validitySeconds: fc.integer({ min: 10, max: 400 * DAY }),
      backdateShare: fc.double({ min: 0, max: 0.49, noNaN: true }),
      cutSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 * DAY })),
      passedShare: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
      spread: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ validitySeconds, backdateShare, cutSeconds, passedShare, spread }) => {
      const backdateSeconds = Math.floor(validitySeconds * backdateShare);
      const nextUpdate = SIGNED + Math.max(1, validitySeconds - 1 - cutSeconds);
      const now = SIGNED + Math.floor(validitySeconds * passedShare);
      const half = SIGNED + backdateSeconds + validitySeconds / 2;
      const answer = { thisUpdate: SIGNED, nextUpdate };
      const age = answerMaxAge(answer, { validitySeconds, backdateSeconds }, now, spread);
      const later = answerMaxAge(answer, { validitySeconds, backdateSeconds }, now + 1, spread);
      return { age, later, half, now, nextUpdate };
    });

  it("is a whole number from 0 to an hour", () => {
    fc.assert(fc.property(cases, ({ age }) => Number.isInteger(age) && age >= 0 && age <= HOUR));
  });

  it("ends before nextUpdate, or is 0", () => {
    fc.assert(
      fc.property(cases, ({ age, now, nextUpdate }) => age === 0 || now + age < nextUpdate),
    );
  });

  it("ends before half of the life, or is the minute or 0", () => {
    fc.assert(
      fc.property(cases, ({ age, now, half }) => age === 0 || age === 60 || now + age < half),
    );
  });

  it("is a minute at least, while nextUpdate allows", () => {
    fc.assert(
      fc.property(cases, ({ age, now, nextUpdate }) => now + 60 >= nextUpdate || age >= 60),
    );
  });

  it("never grows while time passes", () => {
    fc.assert(fc.property(cases, ({ age, later }) => later <= age));
  });
});

describe("crlMaxAge", () => {
  it.each([
    ["a day ahead", DAY, HOUR],
    ["an hour ahead", HOUR, HOUR],
    ["ten minutes ahead", 600, 600],
    ["now", 0, 0],
    ["past", -DAY, 0],
  ])("nextUpdate %s", (_name, ahead, expected) => {
    expect(crlMaxAge(SIGNED + ahead, SIGNED)).toBe(expected);
  });
});

it("writes the fields as RFC 9919 7.2 has them", () => {
  expect(answerCacheControl(3150)).toBe("max-age=3150, public, no-transform, must-revalidate");
  expect(crlCacheControl(0)).toBe("max-age=0, public");
  expect(ERROR_CACHE_CONTROL).toBe("no-store");
});
