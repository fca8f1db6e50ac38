import fc from "fast-check";
import { expect, it } from "vitest";
import { SmallTable } from "../../src/responder/small-table.ts";

const KEYS = [0, 1, 2, 3, 4, 5, 6];
const step = fc.record({
  what: fc.constantFrom("add" as const, "delete" as const, "empty" as const),
  key: fc.constantFrom(...KEYS),
});

/** The table, and the Map that it is to be like. */
const table = new SmallTable<number, string>();
const map = new Map<number, string>();

const steps = {
  add: (key: number, value: string) => {
    if (map.has(key)) return;
    table.add(key, value);
    map.set(key, value);
  },
  delete: (key: number) => {
    table.delete(key);
    map.delete(key);
  },
  empty: () => {
    expect(table.empty().sort()).toEqual([...map.values()].sort());
    map.clear();
  },
};

it("holds what a Map would, whatever is added and deleted", () => {
  let value = 0;
  fc.assert(
    fc.property(step, ({ what, key }) => {
      steps[what](key, `${key}: ${value++}`);
      expect(table.size).toBe(map.size);
      expect(KEYS.map((one) => table.get(one))).toEqual(KEYS.map((one) => map.get(one)));
    }),
    { numRuns: 5_000 },
  );
});
