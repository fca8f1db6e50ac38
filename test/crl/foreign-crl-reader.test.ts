import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ForeignCRLReader, type ReadForeignCRL } from "../../src/crl/foreign-crl-reader.ts";
import { EntryPacker, unpackEntries } from "../../src/crl/packed-entries.ts";
import { decodeRevocation } from "../../src/crl/revocation.ts";
import { serialNumberFromDer, serialNumberText } from "../../src/x509/serial-number.ts";
import { needs } from "../support/has-program.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
afterAll(() => removeFolder(folder));

function read(issuerPem: string, octets: Buffer, piece = 100): ReadForeignCRL {
  const issuer = Buffer.from(issuerPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const reader = new ForeignCRLReader(issuer, () => undefined);
  for (let at = 0; at < octets.length; at += piece) reader.push(octets.subarray(at, at + piece));
  return reader.end();
}

describe("a CRL that certtool made", () => {
  const withCerttool = needs("certtool", "apt-get install gnutls-bin");
  for (const algorithm of ["rsa", "ecdsa", "ed25519", "rsa-pss"]) {
    withCerttool(`is read, and its signature verified: ${algorithm}`, () => {
      const certtool = (...args: string[]): string => mustRun("certtool", args, folder);
      const template = 'cn = "CA"\nca\ncrl_signing_key\ncert_signing_key\nexpiration_days = 30\n';
      writeFileSync(join(folder, "ca.tmpl"), template);
      writeFileSync(
        join(folder, "leaf.tmpl"),
        'cn = "leaf"\nserial = 0x1ab23f\nexpiration_days = 9\n',
      );
      writeFileSync(join(folder, "crl.tmpl"), "crl_number = 5\nexpiration_days = 7\n");
      certtool("--generate-privkey", "--key-type", algorithm, "--outfile", "ca.key");
      const ca = ["--load-ca-certificate", "ca.pem", "--load-ca-privkey", "ca.key"];
      const own = ["--load-privkey", "ca.key"];
      certtool("--generate-self-signed", ...own, "--template", "ca.tmpl", "--outfile", "ca.pem");
      const leaf = ["--template", "leaf.tmpl", "--outfile", "leaf.pem"];
      certtool("--generate-certificate", ...own, ...ca, ...leaf);
      const crl = ["--load-certificate", "leaf.pem", "--template", "crl.tmpl"];
      certtool("--generate-crl", ...ca, ...crl, "--outfile", "crl.pem");
      const pem = readFileSync(join(folder, "ca.pem"), "latin1");
      const { summary, packed } = read(pem, readFileSync(join(folder, "crl.pem")));
      expect(summary).toMatchObject({ version: 2, crlNumber: 5n, entryCount: 1 });
      const listed = [...unpackEntries(packed)].map((one) => serialNumberText(one.serialNumber));
      expect(listed).toEqual(["1ab23f"]);
    });
  }
});

describe("packed entries", () => {
  const entry = fc.record({
    serialNumber: fc.uint8Array({ minLength: 1, maxLength: 32 }).map(serialNumberFromDer),
    revocationDate: fc.nat(2 ** 38),
    reason: fc.constantFrom(0, 1, 6, 10),
    invalidityDate: fc.option(fc.integer({ min: 1, max: 2 ** 38 }), { nil: undefined }),
  });

  it("come out in the order of the store, whole; one that stands twice is found", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const packer = new EntryPacker();
        for (const one of entries) packer.add({ ...one, reason: one.reason as 0 });
        const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
        const names = new Set(entries.map(({ serialNumber }) => hex(serialNumber)));
        const sorted = packer.sorted();
        expect("twice" in sorted).toBe(names.size < entries.length);
        if ("twice" in sorted) return;
        const back = [...unpackEntries(sorted.packed)].map(({ serialNumber, value }) => ({
          serialNumber: hex(serialNumber),
          ...decodeRevocation(value),
        }));
        const wanted = entries
          .toSorted((a, b) => Buffer.compare(a.serialNumber, b.serialNumber))
          .map((one) => ({ ...one, serialNumber: hex(one.serialNumber) }));
        expect(back).toEqual(wanted);
      }),
    );
  });
});
