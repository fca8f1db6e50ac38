import { createHash, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DerError } from "../../src/der/reader.ts";
import { element, oid, sequence } from "../../src/der/writer.ts";
import {
  type Certificate,
  keyHash,
  nameHash,
  readCertificate,
} from "../../src/x509/certificate.ts";
import { isCA } from "../../src/x509/extensions.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { derOf, OpensslCA } from "./openssl-ca.ts";

const GOVERNMENT = "/C=VN/O=Ban Cơ yếu Chính phủ/CN=Cơ quan chứng thực số chuyên dùng Chính phủ";

let cas: OpensslCA[] = [];
let government: OpensslCA;

beforeAll(() => {
  const nineOctets = ["-sha1", "-set_serial", "0xFF303AE4E90AC1ED"];
  government = new OpensslCA(GOVERNMENT, "RSA-2048", nineOctets);
  cas = [
    government,
    new OpensslCA("/C=VN/CN=Ed25519", "Ed25519"),
    new OpensslCA("/C=VN/CN=P-384", "P-384"),
  ];
});

afterAll(() => {
  for (const ca of cas) ca.remove();
});

/** What node:crypto says of a certificate, in the shape of what we say. */
function nodeSays(der: Uint8Array): unknown {
  const x509 = new X509Certificate(der);
  return {
    serialNumber: x509.serialNumber.toLowerCase().replace(/^0+(?=.)/, ""),
    notBefore: Date.parse(x509.validFrom) / 1000,
    notAfter: Date.parse(x509.validTo) / 1000,
    key: x509.publicKey.export({ format: "der", type: "spki" }).toString("hex"),
    isCA: x509.ca,
  };
}

function weSay(certificate: Certificate): unknown {
  return {
    serialNumber: serialNumberText(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    key: Buffer.from(certificate.subjectPublicKeyInfo).toString("hex"),
    isCA: isCA(certificate),
  };
}

describe("readCertificate agrees with node:crypto", () => {
  test("about every root certificate that Node carries", () => {
    expect(rootCertificates.length).toBeGreaterThan(100);
    for (const pem of rootCertificates) {
      const der = new X509Certificate(pem).raw;
      expect(weSay(readCertificate(der))).toEqual(nodeSays(der));
    }
  });

  test("about certificates of RSA, ECDSA and Ed25519 CAs", () => {
    for (const ca of cas) {
      for (const file of ["ca.pem", ca.issue("/C=VN/O=Bộ Tài chính/CN=Nguyễn Văn Đức")]) {
        const der = derOf(ca.read(file));
        expect(weSay(readCertificate(der))).toEqual(nodeSays(der));
      }
    }
  });

  test("about times after 2049", () => {
    const file = government.path("far.pem");
    const days = ["-days", "2900000"];
    government.run("req", "-x509", "-key", "ca.key", "-subj", "/CN=far", ...days, "-out", file);
    const der = derOf(government.read("far.pem"));
    expect(weSay(readCertificate(der))).toEqual(nodeSays(der));
  });
});

describe("certificates as the government CA makes them", () => {
  test("a nine-octet serial number keeps its leading 00; SHA-1 and diacritics pass", () => {
    const certificate = readCertificate(derOf(government.read("ca.pem")));
    const serial = Buffer.from(certificate.serialNumber).toString("hex");
    expect(serial).toBe("00ff303ae4e90ac1ed");
    expect(Buffer.from(certificate.subject).includes("Chính phủ")).toBe(true);
    expect(certificate.subject).toEqual(certificate.issuer);
  });

  test("an IssuerAltName without names, AKI with dirName and serial", () => {
    const lines = "authorityKeyIdentifier=keyid,issuer:always\n2.5.29.18=DER:30:00";
    const certificate = readCertificate(derOf(government.read(government.issue("/CN=a", lines))));
    expect(certificate.extensions).toBeDefined();
    expect(certificate.issuer).toEqual(readCertificate(derOf(government.read("ca.pem"))).subject);
  });

  test("a negative serial number is read as it stands", () => {
    const file = government.issue("/CN=negative", undefined, ["-set_serial", "-5"]);
    const certificate = readCertificate(derOf(government.read(file)));
    expect(Buffer.from(certificate.serialNumber).toString("hex")).toBe("fb");
  });
});

test("keyHash and nameHash are those of OpenSSL's CertID", () => {
  for (const ca of cas) {
    const ocspid = ca.run("x509", "-in", "ca.pem", "-noout", "-ocspid");
    const [name, key] = [...ocspid.matchAll(/hash: ([0-9A-F]+)/g)].map((found) => found[1]);
    const certificate = readCertificate(derOf(ca.read("ca.pem")));
    expect(nameHash(certificate.subject, "sha1").toString("hex").toUpperCase()).toBe(name);
    expect(keyHash(certificate, "sha1").toString("hex").toUpperCase()).toBe(key);
    const sha256 = createHash("sha256").update(certificate.subjectPublicKey).digest();
    expect(keyHash(certificate, "sha256")).toEqual(sha256);
  }
});

test("tbs and signature are what the CA's key signed", () => {
  const der = derOf(government.read("ca.pem"));
  const { tbs, signature, signatureAlgorithm } = readCertificate(der);
  const parts = sequence(tbs, signatureAlgorithm, element(3, Buffer.of(0), signature));
  expect(parts).toEqual(der);
});

describe("bad DER", () => {
  test("cut off anywhere, or with anything behind: DerError", () => {
    const der = derOf(government.read("ca.pem"));
    for (let length = 0; length < der.length; length++) {
      expect(() => readCertificate(der.subarray(0, length))).toThrow(DerError);
    }
    expect(() => readCertificate(Buffer.concat([der, Buffer.of(0)]))).toThrow(
      `bad DER in Certificate at byte ${der.length}: trailing octets`,
    );
  });

  test("changed anywhere: a certificate or a DerError, nothing else", () => {
    const der = derOf(government.read("ca.pem"));
    const position = fc.nat(der.length - 1);
    fc.assert(
      fc.property(position, fc.nat(255), (at, octet) => {
        const changed = Buffer.from(der);
        changed[at] = octet;
        try {
          isCA(readCertificate(changed));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
          expect((error as Error).message).toMatch(/at byte \d+: /);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("another signatureAlgorithm outside than inside is refused, with its byte", () => {
    const der = derOf(government.read("ca.pem"));
    const sha1WithRSA = oid("1.2.840.113549.1.1.5");
    const at = der.lastIndexOf(sha1WithRSA);
    const changed = Buffer.from(der);
    changed[at + sha1WithRSA.length - 1] = 11;
    expect(() => readCertificate(changed)).toThrow(
      `at byte ${at - 2}: signatureAlgorithm is not the one in tbsCertificate`,
    );
  });

  test("February 30 is refused, with its byte", () => {
    const der = derOf(government.read("ca.pem"));
    const at = der.indexOf(Buffer.of(0x17, 0x0d));
    const changed = Buffer.from(der);
    changed.write("260230", at + 2);
    expect(() => readCertificate(changed)).toThrow(`at byte ${at}: bad time "260230`);
  });
});
