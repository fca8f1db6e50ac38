import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { CRLBuffer } from "../../src/crl/crl-buffer.ts";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import { LONGEST_ENTRY, type RevokedEntry, writeEntry } from "../../src/crl/entry.ts";
import { END_OF_TIME } from "../../src/der/time.ts";
import { sequence } from "../../src/der/writer.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import { type SerialNumber, serialNumberText } from "../../src/x509/serial-number.ts";
import { bufferOf, serial } from "./signing-ca.ts";

const REVOKED = Date.UTC(2026, 10, 22, 4, 5, 6) / 1000;
const plain: RevokedEntry = {
  serialNumber: serial("ff01"),
  revocationDate: REVOKED,
  reason: CRLReason.unspecified,
  invalidityDate: undefined,
};

function hexOf(entry: RevokedEntry): string {
  const into = Buffer.alloc(LONGEST_ENTRY);
  return into.toString("hex", 0, writeEntry(into, 0, entry));
}

const fields: CRLFields = {
  signatureAlgorithm: sequence(sequence()),
  issuer: sequence(sequence()),
  thisUpdate: REVOKED,
  nextUpdate: REVOKED,
  authorityKeyIdentifier: Uint8Array.of(1, 2, 3),
  crlNumber: 1n,
  expiredCertsOnCRL: undefined,
};

const DATE = `170d${Buffer.from("261122040506Z").toString("hex")}`;
const SERIAL = "020300ff01";
const REASON = "300a0603551d1504030a0101";
const INVALIDITY = `30180603551d180411180f${Buffer.from("20250102030405Z").toString("hex")}`;
const invalidityDate = Date.UTC(2025, 0, 2, 3, 4, 5) / 1000;

describe("writeEntry", () => {
  it("leaves reasonCode and with it the extensions out for unspecified", () => {
    expect(hexOf(plain)).toBe(`3014${SERIAL}${DATE}`);
  });

  it("writes reasonCode without criticality", () => {
    const entry = { ...plain, reason: CRLReason.keyCompromise };
    expect(hexOf(entry)).toBe(`3022${SERIAL}${DATE}300c${REASON}`);
  });

  it("writes invalidityDate as GeneralizedTime, also before 2050", () => {
    expect(hexOf({ ...plain, invalidityDate })).toBe(`3030${SERIAL}${DATE}301a${INVALIDITY}`);
  });

  it("writes both extensions into one list", () => {
    const entry = { ...plain, reason: CRLReason.keyCompromise, invalidityDate };
    expect(hexOf(entry)).toBe(`303c${SERIAL}${DATE}3026${REASON}${INVALIDITY}`);
  });

  it("writes revocationDate as UTCTime up to the last second of 2049, then as GeneralizedTime", () => {
    const ofYear2050 = Date.UTC(2050, 0, 1) / 1000;
    expect(hexOf({ ...plain, revocationDate: ofYear2050 - 1 })).toContain(
      `170d${Buffer.from("491231235959Z").toString("hex")}`,
    );
    expect(hexOf({ ...plain, revocationDate: ofYear2050 })).toContain(
      `180f${Buffer.from("20500101000000Z").toString("hex")}`,
    );
  });

  it.each([
    ["no serial number", { serialNumber: new Uint8Array(0) as SerialNumber }, /1 to 32/],
    ["33 octets", { serialNumber: new Uint8Array(33).fill(1) as SerialNumber }, /has 33 octets/],
    ["a time before 1950", { revocationDate: Date.UTC(1949, 11, 31) / 1000 }, /1950 to 9999/],
    ["a time after 9999", { revocationDate: END_OF_TIME + 1 }, /1950 to 9999/],
    ["no time", { invalidityDate: Number.NaN }, /1950 to 9999/],
  ])("refuses %s and adds nothing", (_, wrong, message) => {
    const buffer = new CRLBuffer(fields, 2);
    buffer.add(plain);
    expect(() => buffer.add({ ...plain, ...wrong })).toThrow(message);
    expect(buffer.count).toBe(1);
    const der = buffer.certificateList(buffer.tbsCertList(), Uint8Array.of(9));
    expect(readCertificateList(der).entryCount).toBe(1);
  });

  it("never takes more room than is kept for it", () => {
    const longest = {
      serialNumber: new Uint8Array(32).fill(1) as SerialNumber,
      revocationDate: END_OF_TIME,
      reason: CRLReason.keyCompromise,
      invalidityDate: END_OF_TIME,
    };
    expect(hexOf(longest).length / 2).toBeLessThanOrEqual(LONGEST_ENTRY);
  });
});

const serialNumbers = fc
  .bigInt({ min: 1n, max: 2n ** 159n - 1n })
  .map((number) => serial(number.toString(16)));
const times = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: END_OF_TIME });
const entries: fc.Arbitrary<RevokedEntry> = fc.record({
  serialNumber: serialNumbers,
  revocationDate: times,
  reason: fc.constantFrom(...Object.values(CRLReason)),
  invalidityDate: fc.option(times, { nil: undefined }),
});

describe("entries", () => {
  it("are read back as they were added", () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 30 }), times, times, (added, first, second) => {
        const times = { thisUpdate: first, nextUpdate: second, expiredCertsOnCRL: first };
        const said = { ...fields, ...times, crlNumber: BigInt(first - second) ** 2n };
        const buffer = bufferOf(said, added);
        const read: unknown[] = [];
        const list = readCertificateList(
          buffer.certificateList(buffer.tbsCertList(), Uint8Array.of(9)),
          ({ serialNumber, revocationDate, reason, invalidityDate: since }) =>
            read.push([serialNumberText(serialNumber), revocationDate, reason, since]),
        );
        expect(read).toEqual(
          added.map((entry) => [
            serialNumberText(entry.serialNumber),
            entry.revocationDate,
            entry.reason,
            entry.invalidityDate,
          ]),
        );
        expect(list).toMatchObject({
          version: 2,
          thisUpdate: first,
          nextUpdate: second,
          entryCount: added.length,
          crlNumber: said.crlNumber,
          expiredCertsOnCRL: first,
          unknownCriticalExtensions: [],
        });
      }),
    );
  });
});
