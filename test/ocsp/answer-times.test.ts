import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerTimes, type TimesInput } from "../../src/ocsp/answer-times.ts";

const NOW = Date.UTC(2026, 10, 22, 4, 5, 6) / 1000;
const DAY = 86_400;
const FAR = Date.UTC(2050, 0, 1) / 1000;

const usual: TimesInput = {
  now: NOW,
  validitySeconds: DAY,
  backdateSeconds: 300,
  endsBefore: FAR,
  changedAt: undefined,
  lastThisUpdate: 0,
};

/** thisUpdate and nextUpdate as seconds from now, or the wait. */
const TABLE: readonly [string, Partial<TimesInput>, [number, number] | number][] = [
  ["nothing special: backdated, both ends included", {}, [-300, DAY - 301]],
  ["no backdating", { backdateSeconds: 0 }, [0, DAY - 1]],
  ["issued long ago", { changedAt: NOW - DAY }, [-300, DAY - 301]],
  ["changed within the backdating", { changedAt: NOW - 60 }, [-60, DAY - 61]],
  ["changed just now: not backdated", { changedAt: NOW }, [0, DAY - 1]],
  ["changed in the future, as clocks go: waits", { changedAt: NOW + 2 }, 2],
  ["re-signed after half of its life", { lastThisUpdate: NOW - DAY / 2 }, [-300, DAY - 301]],
  ["re-signed at once: one second later", { lastThisUpdate: NOW - 300 }, [-299, DAY - 300]],
  ["re-signed within a second", { lastThisUpdate: NOW - 1 }, [0, DAY - 1]],
  ["re-signed twice within a second: waits", { lastThisUpdate: NOW }, 1],
  ["the clock has stepped back: waits", { lastThisUpdate: NOW + 9 }, 10],
  [
    "a smaller backdate than before",
    { backdateSeconds: 10, lastThisUpdate: NOW - 60 },
    [-10, DAY - 11],
  ],
  [
    "a larger backdate than before",
    { backdateSeconds: 600, lastThisUpdate: NOW - 60 },
    [-59, DAY - 60],
  ],
  [
    "both change and last answer: the later",
    { changedAt: NOW - 9, lastThisUpdate: NOW - 4 },
    [-3, DAY - 4],
  ],
  ["the signer ends within the validity", { endsBefore: NOW + 100 }, [-300, 99]],
  ["the signer ends as the answer does", { endsBefore: NOW - 300 + DAY }, [-300, DAY - 301]],
  ["the signer ends a second before", { endsBefore: NOW - 301 + DAY }, [-300, DAY - 302]],
];

const input: fc.Arbitrary<TimesInput> = fc
  .record({
    now: fc.integer({ min: NOW - 1000, max: NOW + 1000 }),
    validitySeconds: fc.integer({ min: 10, max: 400 * DAY }),
    backdate: fc.nat({ max: 4999 }),
    endsBefore: fc.oneof(fc.constant(FAR), fc.integer({ min: NOW + 2000, max: NOW + 2 * DAY })),
    changedAt: fc.option(fc.integer({ min: NOW - 3000, max: NOW + 3000 }), { nil: undefined }),
    lastThisUpdate: fc.oneof(fc.constant(0), fc.integer({ min: NOW - 3000, max: NOW + 3000 })),
  })
  .map(({ backdate, ...rest }) => ({
    ...rest,
    // Configuration allows less than half of the validity.
    backdateSeconds: Math.floor((rest.validitySeconds * backdate) / 10_000),
  }));

describe("answerTimes", () => {
  it.each(TABLE)("%s", (_, changes, meant) => {
    const given = { ...usual, ...changes };
    const times = answerTimes(given);
    if (typeof meant === "number") return expect(times).toBe(meant);
    const [thisUpdate, nextUpdate] = meant;
    return expect(times).toEqual({
      thisUpdate: NOW + thisUpdate,
      producedAt: NOW,
      nextUpdate: NOW + nextUpdate,
    });
  });

  it("keeps every rule at once, for any clock, change and configuration", () => {
    fc.assert(
      fc.property(input, (given) => {
        const times = answerTimes(given);
        if (typeof times === "number") {
          // It waits only where nothing else is left, and no longer than needed.
          const ready = Math.max(given.changedAt ?? 0, given.lastThisUpdate + 1);
          expect(times).toBe(ready - given.now);
          expect(times).toBeGreaterThan(0);
          return;
        }
        const { thisUpdate, producedAt, nextUpdate } = times;
        expect(producedAt).toBe(given.now);
        expect(thisUpdate).toBeLessThanOrEqual(producedAt);
        expect(thisUpdate).toBeGreaterThan(given.lastThisUpdate);
        expect(thisUpdate).toBeGreaterThanOrEqual(given.changedAt ?? 0);
        expect(thisUpdate).toBeGreaterThanOrEqual(given.now - given.backdateSeconds);
        const whole = thisUpdate + given.validitySeconds - 1;
        expect(nextUpdate).toBe(Math.min(whole, given.endsBefore - 1));
        expect(nextUpdate).toBeGreaterThan(producedAt);
      }),
      { numRuns: 1000 },
    );
  });

  it("after the wait there are times", () => {
    fc.assert(
      fc.property(input, (given) => {
        const wait = answerTimes(given);
        if (typeof wait !== "number") return;
        const later = answerTimes({ ...given, now: given.now + wait });
        expect(later).toMatchObject({ thisUpdate: given.now + wait });
        expect(typeof answerTimes({ ...given, now: given.now + wait - 1 })).toBe("number");
      }),
    );
  });

  it("thisUpdate rises over any run of answers, whatever the clock and the backdate do", () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 2, maxLength: 20 }), (run) => {
        let lastThisUpdate = 0;
        for (const given of run) {
          const times = answerTimes({ ...given, lastThisUpdate });
          if (typeof times === "number") continue;
          expect(times.thisUpdate).toBeGreaterThan(lastThisUpdate);
          lastThisUpdate = times.thisUpdate;
        }
      }),
    );
  });
});
