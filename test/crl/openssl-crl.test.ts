import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import type { ListedEntry } from "../../src/crl/entry-reader.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";

const CA_CONFIG = `[default]
default_ca = ca
[ca]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 7
[v2]
authorityKeyIdentifier = keyid:always
[v2issuer]
authorityKeyIdentifier = keyid:always,issuer:always
[indirect]
issuingDistributionPoint = critical, @idp
[idp]
indirectCRL = TRUE
`;

interface Copy {
  readonly serialNumber: string;
  readonly reason: number;
  readonly statesReason: boolean;
  readonly invalidityDate: number | undefined;
}

function copyOf({ serialNumber, reason, statesReason, invalidityDate }: ListedEntry): Copy {
  return { serialNumber: serialNumberText(serialNumber), reason, statesReason, invalidityDate };
}

describe("a CRL of openssl ca", () => {
  let pki: Pki;
  beforeAll(() => {
    pki = makePki({ algorithm: "rsa", leaves: 5 });
    writeFileSync(join(pki.folder, "crl.cnf"), CA_CONFIG);
    writeFileSync(join(pki.folder, "crlnumber"), "FEDC0001\n");
  });
  afterAll(() => pki.remove());

  function generate(...options: string[]): Buffer {
    const key = ["-config", "crl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    mustRun("openssl", ["ca", ...key, "-gencrl", "-out", "ca.crl", ...options], pki.folder);
    const convert = ["crl", "-in", join(pki.folder, "ca.crl"), "-outform", "DER"];
    return execFileSync("openssl", convert);
  }

  it("is read with every reason, number and key identifier", () => {
    const [first, second, third, fourth] = pki.leaves;
    if (!first || !second || !third || !fourth) throw new Error("too few leaves");
    pki.revokeInIndex(first);
    pki.revokeInIndex(second, ["-crl_reason", "unspecified"]);
    pki.revokeInIndex(third, ["-crl_reason", "cessationOfOperation"]);
    pki.revokeInIndex(fourth, ["-crl_compromise", "20260102030405Z"]);
    const entries: Copy[] = [];
    const list = readCertificateList(generate("-crlexts", "v2"), (entry) => {
      entries.push(copyOf(entry));
    });
    const none = { invalidityDate: undefined };
    expect(new Set(entries)).toEqual(
      new Set([
        { serialNumber: first.serialNumber, reason: 0, statesReason: false, ...none },
        { serialNumber: second.serialNumber, reason: 0, statesReason: true, ...none },
        { serialNumber: third.serialNumber, reason: 5, statesReason: true, ...none },
        {
          serialNumber: fourth.serialNumber,
          reason: 1,
          statesReason: true,
          invalidityDate: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
        },
      ]),
    );
    expect(list).toMatchObject({ version: 2, entryCount: 4, crlNumber: 0xfedc0001n });
    expect(list.nextUpdate - list.thisUpdate).toBe(7 * 86_400);
    expect(list.authorityKeyIdentifier?.namesCertificate).toBe(false);
    expect(list.authorityKeyIdentifier?.keyIdentifier).toHaveLength(20);
    expect(list.unknownCriticalExtensions).toEqual([]);
  });

  it("is read when its key identifier names the certificate too", () => {
    const list = readCertificateList(generate("-crlexts", "v2issuer"));
    expect(list.authorityKeyIdentifier?.namesCertificate).toBe(true);
  });

  it("says that it is indirect", () => {
    const list = readCertificateList(generate("-crlexts", "indirect"));
    expect(list.issuingDistributionPoint).toMatchObject({ uris: [], isIndirect: true });
    expect(list.unknownCriticalExtensions).toEqual([]);
    expect(list.extensions).toContainEqual({ oid: "2.5.29.20", isCritical: false, isKnown: true });
  });

  it("is read as v1 where it has no extension at all", () => {
    writeFileSync(join(pki.folder, "crl.cnf"), CA_CONFIG.replace("crlnumber = crlnumber\n", ""));
    writeFileSync(join(pki.folder, "index.txt"), "");
    const list = readCertificateList(generate());
    expect(list).toMatchObject({ version: 1, entryCount: 0, crlNumber: undefined, extensions: [] });
  });
});
