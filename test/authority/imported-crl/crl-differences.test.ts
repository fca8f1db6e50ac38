import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullDifferences } from "../../../src/authority/imported-crl/crl-differences.ts";
import { EntryPacker } from "../../../src/crl/packed-entries.ts";
import { encodeRevocation } from "../../../src/crl/revocation.ts";
import { recordKey } from "../../../src/store/keys.ts";
import { serialNumberText } from "../../../src/x509/serial-number.ts";
import { serial } from "../../crl/signing-ca.ts";
import { tempStore } from "../../store/temp-store.ts";

/** revocationDate by serial number. */
type Dates = Readonly<Record<string, number>>;

const ISSUER = 7;

function rowOf(revocationDate: number): Buffer {
  return encodeRevocation({ reason: 1, revocationDate, invalidityDate: undefined });
}

function packed(listed: Dates): Uint8Array {
  const packer = new EntryPacker();
  for (const [name, revocationDate] of Object.entries(listed)) {
    packer.add({
      serialNumber: serial(name),
      reason: 1,
      revocationDate,
      invalidityDate: undefined,
    });
  }
  const sorted = packer.sorted();
  if ("twice" in sorted) throw new Error("twice");
  return sorted.packed;
}

/** What differs, by a model: of each serial number what is listed, and what is known. */
function modelOf(listed: Dates, known: Dates): string[] {
  const names = [...new Set([...Object.keys(listed), ...Object.keys(known)])];
  return names
    .filter((name) => listed[name] !== known[name])
    .sort((a, b) => Buffer.compare(serial(a), serial(b)))
    .map((name) => `${name} ${listed[name]} ${known[name]}`);
}

describe("fullDifferences", () => {
  const anyDates = fc.dictionary(
    fc.integer({ min: 1, max: 70_000 }).map((number) => number.toString(16)),
    fc.integer({ min: 1, max: 3 }),
    { maxKeys: 30 },
  );

  it("are all that the CRL and the store have otherwise, in key order", async () => {
    await fc.assert(
      fc.asyncProperty(anyDates, anyDates, async (listed, known) => {
        const { store, close } = tempStore();
        await store.transact((transaction) => {
          for (const [name, date] of Object.entries(known)) {
            transaction.put("revoked", recordKey(ISSUER, serial(name)), rowOf(date));
          }
          transaction.put("revoked", recordKey(ISSUER + 1, serial("1")), rowOf(9));
        });
        const found: string[] = [];
        const dateOf = (value: Buffer | undefined): number | undefined => value?.readUIntBE(1, 5);
        for await (const batch of fullDifferences(store, ISSUER, packed(listed))) {
          for (const one of batch) {
            const name = serialNumberText(one.serialNumber);
            found.push(`${name} ${dateOf(one.listed)} ${dateOf(one.known)}`);
          }
        }
        await close();
        expect(found).toEqual(modelOf(listed, known));
      }),
      { numRuns: 25 },
    );
  });
});
