import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CertRecord,
  decodeRecord,
  encodeRecordHead,
  LONGEST_RECORD,
  PRESIGNED_HASHES,
  type PresignedHash,
  reasonOf,
  recordHasAnswer,
  recordNextUpdate,
  recordNotAfter,
  recordProducedAt,
  recordReason,
  recordRevocationDate,
  recordSigner,
  recordStatus,
  recordThisUpdate,
  setRecordVersion,
  signatureRange,
} from "../../src/ocsp/record.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import { goodRecord, revokedRecord } from "./made-answer.ts";
import { records } from "./plans.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/*
 * A store is full of such octets. Where one of these fails, the layout has changed: stores that exist need
 * another schema version and a migration.
 */
describe("the octets of a record", () => {
  it("good: 28 and no more", () => {
    const record = goodRecord({
      version: 0x0203040506,
      signer: 0x0a0b,
      notAfter: 0x01_02030405,
      thisUpdate: 0x00_6a000000,
      producedAt: 0x00_6a00012c,
      nextUpdate: 0x00_6a01517f,
    });
    expect(hex(encodeRecordHead(record))).toBe(
      ["00", "00", "03", "0a0b", "0203040506", "0102030405"].join("") +
        ["006a000000", "0000012c", "0001517f"].join(""),
    );
  });

  it("revoked: 38", () => {
    const record = revokedRecord({
      version: 1,
      hashes: ["sha256"],
      notAfter: undefined,
      thisUpdate: 0x00_6a000000,
      producedAt: 0x00_6a000000,
      nextUpdate: 0x00_6a000001,
      revocationDate: 0x00_69ffffff,
      invalidityDate: 0x00_12345678,
    });
    expect(hex(encodeRecordHead(record))).toBe(
      ["01", "01", "02", "0001", "0000000001", "0000000000"].join("") +
        ["006a000000", "00000000", "00000001", "0069ffffff", "0012345678"].join(""),
    );
  });

  it("on hold, without an answer", () => {
    const record = revokedRecord({
      status: "hold",
      reason: 0,
      hashes: [],
      invalidityDate: undefined,
    });
    const octets = encodeRecordHead(record);
    expect(hex(octets.subarray(0, 3))).toBe("020000");
    expect(hex(octets.subarray(33))).toBe("0000000000");
    expect(recordHasAnswer(octets)).toBe(false);
  });
});

/** A record with made-up signatures of `size` octets each. */
function withSignatures(record: CertRecord, size: number): Buffer {
  const signatures = record.hashes.map((hash) => madeUp(hash, size));
  return Buffer.concat([encodeRecordHead(record), ...signatures]);
}

function madeUp(hash: PresignedHash, size: number): Buffer {
  return Buffer.alloc(size, hash === "sha1" ? 1 : 2);
}

const sizes = fc.constantFrom(64, 96, 256, 512);

describe("a record", () => {
  it("is decoded as it was encoded, with signatures after it or none", () => {
    fc.assert(
      fc.property(records, sizes, (record, size) => {
        expect(decodeRecord(encodeRecordHead(record))).toEqual(record);
        expect(decodeRecord(withSignatures(record, size))).toEqual(record);
      }),
      { numRuns: 500 },
    );
  });

  it("gives each field alone as decoded", () => {
    fc.assert(
      fc.property(records, (record) => {
        const octets = withSignatures(record, 64);
        expect({
          status: recordStatus(octets),
          reason: recordReason(octets),
          signer: recordSigner(octets),
          notAfter: recordNotAfter(octets) || undefined,
          thisUpdate: recordThisUpdate(octets),
          producedAt: recordProducedAt(octets),
          nextUpdate: recordNextUpdate(octets),
          hasAnswer: recordHasAnswer(octets),
          ...(record.status !== "good" && { revocationDate: recordRevocationDate(octets) }),
        }).toEqual({
          status: record.status,
          reason: record.reason,
          signer: record.signer,
          notAfter: record.notAfter,
          thisUpdate: record.thisUpdate,
          producedAt: record.producedAt,
          nextUpdate: record.nextUpdate,
          hasAnswer: record.hashes.length > 0,
          ...(record.status !== "good" && { revocationDate: record.revocationDate }),
        });
      }),
    );
  });

  it("is never longer than the longest", () => {
    const record = revokedRecord({ invalidityDate: 1 });
    expect(withSignatures(record, 4627).length).toBe(LONGEST_RECORD);
  });

  it("takes another version and changes in nothing else", () => {
    fc.assert(
      fc.property(records, sizes, fc.nat({ max: 2 ** 40 - 1 }), (record, size, version) => {
        const octets = withSignatures(record, size);
        setRecordVersion(octets, version);
        expect(octets.equals(withSignatures({ ...record, version }, size))).toBe(true);
      }),
    );
  });

  it.each<[string, Partial<CertRecord>]>([
    ["a version of more than 40 bits", { version: 2 ** 40 }],
    ["a signer of more than 16 bits", { signer: 0x10000 }],
    ["producedAt before thisUpdate", { producedAt: goodRecord().thisUpdate - 1 }],
    ["nextUpdate before thisUpdate", { nextUpdate: goodRecord().thisUpdate - 1 }],
    ["a time of more than 40 bits", { notAfter: 2 ** 40 }],
    ["a time before 1970", { notAfter: -1 }],
  ])("cannot hold %s", (_, changes) => {
    expect(() => encodeRecordHead(goodRecord(changes))).toThrow(RangeError);
  });

  it.each([
    ["good", 0, 0],
    ["revoked", 4, 4],
    ["hold", 0, CRLReason.certificateHold],
    ["hold", 1, CRLReason.certificateHold],
  ] as const)("%s with reason %i has reason %i in CRLs and OCSP", (status, reason, told) => {
    expect(reasonOf({ status, reason })).toBe(told);
  });
});

describe("signatureRange", () => {
  it("finds the signature of each hash that there is, and no other", () => {
    fc.assert(
      fc.property(records, sizes, fc.nat(9), (record, size, before) => {
        const octets = withSignatures(record, size);
        // A reader's buffer is longer than the record in it.
        const buffer = Buffer.concat([octets, Buffer.alloc(before, 0xee)]);
        const found = PRESIGNED_HASHES.flatMap((hash) => {
          const range = signatureRange(buffer, octets.length, hash);
          return range ? [hex(buffer.subarray(range.start, range.end))] : [];
        });
        expect(found).toEqual(record.hashes.map((hash) => hex(madeUp(hash, size))));
      }),
    );
  });

  it.each<[string, PresignedHash[], PresignedHash, number, number]>([
    ["the first of two", ["sha1", "sha256"], "sha1", 28, 92],
    ["the second of two", ["sha1", "sha256"], "sha256", 92, 156],
    ["the only one, the second kind", ["sha256"], "sha256", 28, 92],
  ])("is, for %s, where the layout says", (_, hashes, hash, start, end) => {
    const octets = withSignatures(goodRecord({ hashes }), 64);
    expect(signatureRange(octets, octets.length, hash)).toEqual({ start, end });
  });
});
