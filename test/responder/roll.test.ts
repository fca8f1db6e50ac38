import fc from "fast-check";
import { expect, it } from "vitest";
import { Roll } from "../../src/responder/roll.ts";

const KEYS = Array.from({ length: 7 }, (_, number) => ({ number }));
const step = fc.record({
  what: fc.constantFrom("set" as const, "delete" as const),
  key: fc.constantFrom(...KEYS),
});

/** The roll, and the Map that it is to be like. */
const roll = new Roll<object, number>();
const map = new Map<object, number>();
let value = 0;

const steps = {
  set: (key: object) => {
    value++;
    roll.set(key, value);
    map.set(key, value);
  },
  delete: (key: object) => {
    roll.delete(key);
    map.delete(key);
  },
};

it("holds what a Map would, in its order, whatever is set and deleted", () => {
  fc.assert(
    fc.property(step, ({ what, key }) => {
      steps[what](key);
      expect([...roll]).toEqual([...map]);
      expect(roll.size).toBe(map.size);
      expect(KEYS.map((one) => roll.get(one))).toEqual(KEYS.map((one) => map.get(one)));
    }),
    { numRuns: 5_000 },
  );
});

it("may lose the entry that was passed last while it is walked", () => {
  const walked = new Roll<object, number>();
  for (const key of KEYS) walked.set(key, key.number);
  const passed: number[] = [];
  for (const [key, number] of walked) {
    passed.push(number);
    if (number % 2 === 0) walked.delete(key);
  }
  expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect([...walked].map(([, number]) => number)).toEqual([1, 3, 5]);
});
