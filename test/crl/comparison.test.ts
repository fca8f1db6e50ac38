import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { type CRLComparison, compareCRLs, compareWithForeign } from "../../src/crl/comparison.ts";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import type { RevokedEntry } from "../../src/crl/entry.ts";
import { EntryOctets, type OctetSource } from "../../src/crl/entry-octets.ts";
import { sortedEntries } from "../../src/crl/foreign-entries.ts";
import { proveCRL } from "../../src/crl/proof.ts";
import { OIDS } from "../../src/der/oids.ts";
import { DerError } from "../../src/der/reader.ts";
import { sequence } from "../../src/der/writer.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { bufferOf, serial, signCRL } from "./signing-ca.ts";

const fields: CRLFields = {
  signatureAlgorithm: sequence(OIDS.ecdsaWithSHA256),
  issuer: sequence(sequence()),
  thisUpdate: 1_790_000_000,
  nextUpdate: 1_790_086_400,
  authorityKeyIdentifier: Buffer.alloc(20),
  crlNumber: 1n,
  expiredCertsOnCRL: undefined,
};

function entryOf(text: string): RevokedEntry {
  const serialNumber = serial(text);
  return { serialNumber, revocationDate: 1_780_000_000, reason: 1, invalidityDate: undefined };
}

/** An unsigned CRL of these serial numbers, in this order. */
function crlOf(texts: readonly string[]): Uint8Array {
  const buffer = bufferOf(fields, texts.map(entryOf));
  return buffer.certificateList(buffer.tbsCertList(), Buffer.of(0));
}

/** A CRL that is read so many octets at a time. */
function sourceOf(der: Uint8Array, octets: number): OctetSource {
  let at = 0;
  return (into) => {
    const piece = der.subarray(at, at + Math.min(octets, into.length));
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

function inPieces(der: Uint8Array, octets: number): EntryOctets {
  return EntryOctets.from(sourceOf(der, octets));
}

interface Compared {
  readonly added: number;
  readonly removed: readonly string[];
}

function asTexts({ added, removed }: CRLComparison): Compared {
  return { added, removed: removed.map(({ serialNumber }) => serialNumberText(serialNumber)) };
}

function compared(before: readonly string[], after: readonly string[]): Compared {
  return asTexts(compareCRLs(inPieces(crlOf(before), 5), EntryOctets.of(crlOf(after))));
}

/** With what another maker listed, in whatever order. */
function comparedWithForeign(before: readonly string[], after: readonly string[]): Compared {
  const entries = sortedEntries(sourceOf(foreign(before), 7));
  if (!entries) throw new Error("listed twice");
  return asTexts(compareWithForeign(entries, EntryOctets.of(crlOf(after))));
}

function foreign(texts: readonly string[]): Uint8Array {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return signCRL(privateKey, fields, texts.map(entryOf));
}

describe("compareCRLs", () => {
  it.each<[string, string[], string[], number, string[]]>([
    ["nothing left", ["61", "6101", "62"], ["61", "6101", "62"], 0, []],
    ["some came", ["61"], ["11", "61", "6101"], 2, []],
    ["the first left", ["61", "62"], ["62"], 0, ["61"]],
    ["the middle one left", ["61", "6101", "62"], ["61", "62"], 0, ["6101"]],
    ["the last left", ["61", "62"], ["61"], 0, ["62"]],
    ["all left", ["61", "62"], [], 0, ["61", "62"]],
    ["one was exchanged", ["61"], ["62"], 1, ["61"]],
    ["there was none", [], ["61"], 1, []],
  ])("when %s", (_, before, after, added, removed) => {
    expect(compared(before, after)).toEqual({ added, removed });
  });

  it("takes another maker's in whatever order", () => {
    const before = ["62", "61", "7f01", "11"];
    const removed = { added: 1, removed: ["61", "7f01"] };
    expect(comparedWithForeign(before, ["11", "12", "62"])).toEqual(removed);
    expect(comparedWithForeign([], ["11"])).toEqual({ added: 1, removed: [] });
    expect(comparedWithForeign(["11"], [])).toEqual({ added: 0, removed: ["11"] });
    expect(sortedEntries(sourceOf(foreign(["62", "61", "62"]), 7))).toBeUndefined();
  });

  it("refuses lists that do not ascend", () => {
    expect(() => compared(["62", "61"], [])).toThrow(DerError);
    expect(() => compared(["62", "62"], [])).toThrow(/not above the one before it/);
    expect(() => compared(["63"], ["62", "61"])).toThrow(/not above the one before it/);
  });

  it("refuses what ends too early, and what is no entry", () => {
    const der = crlOf(["61", "62"]);
    expect(() => compareCRLs(inPieces(der.subarray(0, 60), 7), EntryOctets.of(der))).toThrow(
      /ends too early|longer than/,
    );
    const torn = Uint8Array.from(der);
    const second = torn.findIndex((octet, i) => octet === 0x02 && torn[i + 2] === 0x62);
    torn[second] = 0x04;
    expect(() => compareCRLs(EntryOctets.of(torn), EntryOctets.of(der))).toThrow(/no entry/);
  });

  it("gives copies, which outlive the previous CRL", () => {
    const before = Buffer.from(crlOf(["61"]));
    const { removed } = compareCRLs(EntryOctets.of(before), EntryOctets.of(crlOf([])));
    before.fill(0);
    expect(removed).toEqual([{ serialNumber: Uint8Array.of(0x61), reason: 1 }]);
  });

  it("finds what is in one set and not in the other", () => {
    const sets = fc.uniqueArray(fc.integer({ min: 1, max: 70_000 }), { maxLength: 40 });
    const ascending = (numbers: number[]): string[] =>
      numbers
        .map((number) => number.toString(16))
        .sort((a, b) => Buffer.compare(serial(a), serial(b)));
    fc.assert(
      fc.property(sets, sets, sets, (kept, gone, come) => {
        const before = ascending([...new Set([...kept, ...gone])]);
        const after = ascending([...new Set([...kept, ...come])]);
        expect(compared(before, after)).toEqual({
          added: after.filter((text) => !before.includes(text)).length,
          removed: before.filter((text) => !after.includes(text)),
        });
      }),
    );
  });
});

describe("a CRL of 100,000 entries", () => {
  it("is built, proved, read and compared", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    function* walk(): Generator<RevokedEntry> {
      for (let number = 0; number < 100_000; number++) {
        yield entryOf((0x40_0000_0000 + number * 7).toString(16));
      }
    }
    const der = signCRL(privateKey, fields, walk());
    expect(readCertificateList(der).entryCount).toBe(100_000);
    const expected = {
      ...fields,
      publicKey,
      algorithm: "ecdsaP256" as const,
      entries: walk(),
      allowedReasons: new Set([1] as const),
      previous: undefined,
      size: { least: 3_000_000, most: 5_000_000 },
    };
    expect(proveCRL(der, expected)).toBeUndefined();
    const [before, none] = [inPieces(der, 65_521), EntryOctets.of(crlOf([]))];
    expect(compareCRLs(before, EntryOctets.of(der))).toEqual({ added: 0, removed: [] });
    const { removed } = compareCRLs(inPieces(der, 4_093), none);
    expect(removed.map(({ serialNumber }) => serialNumber)).toEqual(
      [...walk()].map(({ serialNumber }) => Uint8Array.from(serialNumber)),
    );
    expect(compareCRLs(none, EntryOctets.of(der)).added).toBe(100_000);
  });
});
