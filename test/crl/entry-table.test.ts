import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntryTable } from "../../src/crl/entry-table.ts";

const entry = fc.record({
  serialNumber: fc.uint8Array({ minLength: 1, maxLength: 21 }),
  revocationDate: fc.option(fc.nat(), { nil: undefined }),
  reason: fc.nat(10),
  statesReason: fc.boolean(),
  invalidityDate: fc.option(fc.nat(), { nil: undefined }),
});

describe("a table of entries", () => {
  it("gives back what was added, in the order of serial numbers", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3_000, size: "max" }), (entries) => {
        const table = new EntryTable();
        for (const one of entries) table.add(one);
        table.sort();
        expect(table.count).toBe(entries.length);
        const sorted = entries.toSorted((a, b) => Buffer.compare(a.serialNumber, b.serialNumber));
        sorted.forEach((one, place) => {
          const found = table.at(place);
          expect(Buffer.compare(found.serialNumber, one.serialNumber)).toBe(0);
        });
        const shown = (list: { serialNumber: Uint8Array; reason: number }[]): string[] =>
          list
            .map((one) => `${Buffer.from(one.serialNumber).toString("hex")} ${one.reason}`)
            .sort();
        expect(shown(sorted.map((_, place) => table.at(place)))).toEqual(shown(entries));
      }),
      { numRuns: 20 },
    );
  });

  it("compares with another: serial numbers as octets, and all else", () => {
    fc.assert(
      fc.property(entry, entry, (a, b) => {
        const [left, right] = [new EntryTable(), new EntryTable()];
        left.add(a);
        right.add(b);
        left.sort();
        right.sort();
        const order = Buffer.compare(a.serialNumber, b.serialNumber);
        expect(Math.sign(left.compareSerialNumbers(0, right, 0)) + 0).toBe(order);
        const said = ({ reason, revocationDate, invalidityDate }: typeof a): string =>
          JSON.stringify([reason, revocationDate ?? null, invalidityDate ?? null]);
        expect(left.saysTheSame(0, right, 0)).toBe(said(a) === said(b));
        expect(left.saysTheSame(0, left, 0)).toBe(true);
      }),
    );
  });
});
