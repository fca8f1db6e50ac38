import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRevocation, encodeRevocation, type Revocation } from "../../src/crl/revocation.ts";
import { listedEntries } from "../../src/signing/crl-entries.ts";
import { PairChunks } from "../../src/signing/packing.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { serial } from "../crl/signing-ca.ts";

/** By serial number in hexadecimal; null is no longer revoked. */
type Rows = Readonly<Record<string, Revocation | null>>;

const YEAR_9999 = 253_402_300_799;
const anyTime = fc.integer({ min: 0, max: YEAR_9999 });
const anyRevocation = fc.record<Revocation>({
  reason: fc.constantFrom(0, 1, 3, 4, 5, 6, 9),
  revocationDate: anyTime,
  invalidityDate: fc.option(
    anyTime.filter((time) => time > 0),
    { nil: undefined },
  ),
});
const anySerial = fc.integer({ min: 1, max: 300 }).map((number) => number.toString(16));

function chunksOf(rows: Rows): Uint8Array[] {
  const pairs = new PairChunks();
  const keys = Object.keys(rows).map(serial).sort(Buffer.compare);
  for (const key of keys) {
    const row = rows[serialNumberText(key)];
    pairs.add(key, row ? encodeRevocation(row) : Buffer.alloc(0));
  }
  return pairs.chunks();
}

describe("listedEntries", () => {
  it("are the rows with changes in their place, in the order of the store", () => {
    const rows = fc.dictionary(anySerial, anyRevocation, { maxKeys: 40 });
    const changes = fc.dictionary(anySerial, fc.option(anyRevocation), { maxKeys: 40 });
    fc.assert(
      fc.property(rows, changes, (before, changed) => {
        const wanted = Object.entries({ ...before, ...changed }).filter(([, row]) => row);
        const found: [string, Revocation][] = [];
        for (const entry of listedEntries({ rows: chunksOf(before), changes: chunksOf(changed) })) {
          const { serialNumber, reason, revocationDate, invalidityDate } = entry;
          found.push([serialNumberText(serialNumber), { reason, revocationDate, invalidityDate }]);
        }
        expect(found).toEqual(wanted.sort(([a], [b]) => Buffer.compare(serial(a), serial(b))));
      }),
    );
  });
});

describe("a row of revoked", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(anyRevocation, (revocation) => {
        expect(decodeRevocation(encodeRevocation(revocation))).toEqual(revocation);
      }),
    );
  });
});
