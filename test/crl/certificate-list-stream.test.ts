import { createVerify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CertificateList, readCertificateList } from "../../src/crl/certificate-list.ts";
import { CertificateListStream, type CRLSummary } from "../../src/crl/certificate-list-stream.ts";
import type { RevokedEntry } from "../../src/crl/entry.ts";
import { DerError } from "../../src/der/reader.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { mustRun } from "../support/run-program.ts";
import { makeSigningCA, type SigningCA, serial, signCRL } from "./signing-ca.ts";

interface Read {
  readonly summary: CRLSummary;
  readonly entries: string[];
  readonly signed: Buffer;
}

const shown = ({ serialNumber, revocationDate, reason, invalidityDate }: RevokedEntry): string =>
  [serialNumberText(serialNumber), revocationDate, reason, invalidityDate].join(" ");

/** Reads in pieces that lie in one buffer, overwritten each time, as a file is read. */
function stream(der: Uint8Array, piece: number): Read {
  const entries: string[] = [];
  const signed: Buffer[] = [];
  const reader = new CertificateListStream({
    onHead: () => undefined,
    onSigned: (octets) => void signed.push(Buffer.from(octets)),
    onEntry: (entry) => void entries.push(shown(entry)),
  });
  const buffer = Buffer.alloc(piece);
  for (let at = 0; at < der.length; at += piece) {
    buffer.fill(0xee);
    buffer.set(der.subarray(at, at + piece));
    reader.push(buffer.subarray(0, Math.min(piece, der.length - at)));
  }
  return { summary: reader.end(), entries, signed: Buffer.concat(signed) };
}

function whole(der: Uint8Array): { list: CertificateList; entries: string[] } {
  const entries: string[] = [];
  const list = readCertificateList(der, (entry) => void entries.push(shown(entry)));
  return { list, entries };
}

function expectSame(der: Uint8Array, piece: number): void {
  const { summary, entries, signed } = stream(der, piece);
  const { list, entries: expected } = whole(der);
  const { tbsCertList, ...rest } = list;
  expect(entries).toEqual(expected);
  expect(signed.equals(tbsCertList)).toBe(true);
  expect(plain(summary)).toEqual(plain(rest));
}

/** Octets as hexadecimal, so that views and copies compare alike. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one) => {
      if (typeof one === "bigint") return `${one}n`;
      return one instanceof Uint8Array ? Buffer.from(one).toString("hex") : one;
    }).replaceAll(/\{"type":"Buffer","data":(\[[\d,]*\])\}/g, (_, data) =>
      JSON.stringify(Buffer.from(JSON.parse(data)).toString("hex")),
    ),
  );
}

let ca: SigningCA;
let der: Uint8Array;

const entries = (count: number): RevokedEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    serialNumber: serial((0x10_00_00 + index * 7).toString(16)),
    revocationDate: 1_700_000_000 + index,
    reason: index % 3 === 0 ? 0 : 1,
    invalidityDate: index % 5 === 0 ? 1_600_000_000 : undefined,
  }));

beforeAll(() => {
  ca = makeSigningCA("ec");
  der = signCRL(ca.privateKey, ca.fields, entries(40));
});
afterAll(() => ca.pki.remove());

describe("a CRL in pieces", () => {
  it("says what it says when it is whole, wherever it is cut", () => {
    for (let piece = 1; piece <= 70; piece++) expectSame(der, piece);
    for (const piece of [997, 4096, der.length, der.length + 9]) expectSame(der, piece);
  });

  it("hands on what the signature is over", () => {
    const verify = createVerify("sha256");
    const { summary, signed } = stream(der, 100);
    expect(verify.update(signed).verify(ca.publicKey, summary.signature)).toBe(true);
  });

  it("without entries, and with one", () => {
    for (const count of [0, 1]) {
      const small = signCRL(ca.privateKey, ca.fields, entries(count));
      for (const piece of [1, 13, small.length]) expectSame(small, piece);
    }
  });

  it("of openssl ca -gencrl: v1, v2, without entries", () => {
    const { folder, leaves, revokeInIndex } = ca.pki;
    const args = ["ca", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    const made = (...more: string[]): Buffer => {
      mustRun("openssl", [...args, "-gencrl", "-out", "made.pem", ...more], folder);
      mustRun("openssl", ["crl", "-in", "made.pem", "-outform", "DER", "-out", "made.der"], folder);
      return readFileSync(join(folder, "made.der"));
    };
    const empty = made();
    expect(stream(empty, 11).summary.version).toBe(1);
    expectSame(empty, 11);
    for (const leaf of leaves) revokeInIndex(leaf, ["-crl_reason", "superseded"]);
    const full = made();
    expect(stream(full, 11).summary).toMatchObject({ version: 2, entryCount: leaves.length });
    for (const piece of [1, 11, 5000]) expectSame(full, piece);
  });

  it("is refused as when it is whole, whatever octet is changed; nothing else is thrown", () => {
    fc.assert(
      fc.property(
        fc.nat(der.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 300 }),
        (at, octet, piece) => {
          const changed = Buffer.from(der);
          changed[at] = octet;
          const outcome = (read: () => unknown): string => {
            try {
              read();
              return "read";
            } catch (error) {
              expect(error).toBeInstanceOf(DerError);
              return "refused";
            }
          };
          expect(outcome(() => stream(changed, piece))).toBe(outcome(() => whole(changed)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("is refused when it is cut short anywhere, or goes on", () => {
    for (let length = 0; length < der.length; length++) {
      expect(() => stream(der.subarray(0, length), 64)).toThrow(DerError);
    }
    for (const piece of [1, 64, 1_000_000]) {
      expect(() => stream(Buffer.concat([der, Buffer.of(0)]), piece)).toThrow(/trailing octets/);
    }
  });

  it("holds no more than a bound of what never becomes whole", () => {
    const endless = (head: string): Buffer =>
      Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(2_000_000)]);
    // A CRL of 256 MB whose signature algorithm alone is 128 MB.
    expect(() => stream(endless("308410000000308408000000308407000000"), 65_536)).toThrow(
      /at byte 0: beginning of more than 65536 octets/,
    );
  });

  it("says at which byte of the whole something is wrong", () => {
    const changed = Buffer.from(der);
    const at = changed.lastIndexOf(Buffer.from("170d", "hex"));
    changed[at + 2] = 0x41;
    const message = new RegExp(`at byte ${at}: UTCTime`);
    for (const piece of [1, 50, der.length]) expect(() => stream(changed, piece)).toThrow(message);
  });
});
