import { generateKeyPairSync, sign, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBER, type Integer, type Sequence } from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerReader, Tag } from "../../src/der/reader.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "../../src/ocsp/ecdsa-signature.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** r and s, each of them one of the shapes that occur: any, small with many zeros, high bit set. */
const half = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.nat(32), fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff)).map(([zeros, octet]) => {
    const octets = new Uint8Array(32).fill(octet);
    return octets.fill(0, 0, zeros);
  }),
);
const signatures = fc.tuple(half, half).map((halves) => Buffer.concat(halves));

function written(signature: Uint8Array): Buffer {
  const size = ecdsaSignatureSize(signature);
  const into = Buffer.alloc(size + 4, 0xee);
  expect(writeEcdsaSignature(into, 2, signature)).toBe(size + 2);
  expect(hex(into.subarray(0, 2)) + hex(into.subarray(size + 2))).toBe("eeeeeeee");
  return into.subarray(2, size + 2);
}

const numbersOf = (signature: Uint8Array): string[] =>
  [signature.subarray(0, 32), signature.subarray(32)].map((octets) =>
    BigInt(`0x${hex(octets)}`).toString(16),
  );

describe("Ecdsa-Sig-Value", () => {
  it.each([
    ["0", "0", "3006020100020100"],
    ["1", "7f", "300602010102017f"],
    ["80", "1", "300702020080020101"],
    ["7f00", "ff00", "300902027f00020300ff00"],
    ["ff".repeat(32), "0", `3026022100${"ff".repeat(32)}020100`],
    [
      "80".padEnd(64, "0"),
      "1".padEnd(63, "0"),
      `3045022100${"80".padEnd(64, "0")}022001${"0".repeat(62)}`,
    ],
  ])("r = %s, s = %s", (r, s, der) => {
    const fixed = Buffer.from(r.padStart(64, "0") + s.padStart(64, "0"), "hex");
    expect(hex(written(fixed))).toBe(der);
  });

  it("of any 64 octets: minimal INTEGERs that our reader and asn1js read as the same numbers", () => {
    fc.assert(
      fc.property(signatures, (signature) => {
        const der = written(signature);
        const reader = new DerReader(der, "Ecdsa-Sig-Value");
        const outer = reader.open(Tag.sequence);
        const ours = [reader.integer(), reader.integer()].map((octets) =>
          BigInt(`0x${hex(octets)}`).toString(16),
        );
        reader.close(outer);
        reader.end();
        expect(ours).toEqual(numbersOf(signature));
        const { result, offset } = fromBER(der);
        expect(offset).toBe(der.length);
        const theirs = (result as Sequence).valueBlock.value as Integer[];
        expect(theirs.map((number) => number.toBigInt().toString(16))).toEqual(ours);
      }),
      { numRuns: 2000 },
    );
  });

  it("is read by openssl as the same numbers, all of 200 in one run", () => {
    const many = fc.sample(signatures, 200);
    const folder = tempFolder();
    const file = join(folder, "signatures.der");
    // asn1parse reads one element: a SEQUENCE of them all.
    const content = Buffer.concat(many.map(written));
    const head = Buffer.of(0x30, 0x83, content.length >> 16, content.length >> 8, content.length);
    const isLong = content.length > 0xffff;
    const short = Buffer.of(0x30, 0x82, content.length >> 8, content.length);
    writeFileSync(file, Buffer.concat([isLong ? head : short, content]));
    const text = mustRun("openssl", ["asn1parse", "-inform", "DER", "-in", file]);
    removeFolder(folder);
    const read = [...text.matchAll(/INTEGER +:([0-9A-F]+)/g)].map(([, number = ""]) =>
      BigInt(`0x${number}`).toString(16),
    );
    expect(read).toEqual(many.flatMap(numbersOf));
  });

  it("verifies where the fixed form does, whatever r and s turned out to be", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (let number = 0; number < 300; number++) {
      const octets = Buffer.of(number >> 8, number);
      const fixed = sign("sha256", octets, { key: privateKey, dsaEncoding: "ieee-p1363" });
      expect(verify("sha256", octets, publicKey, written(fixed))).toBe(true);
    }
  });
});
