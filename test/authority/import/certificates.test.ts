import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ImportIssuer,
  importIssuer,
  readCertificates,
} from "../../../src/authority/import/certificates.ts";
import type { Parsed } from "../../../src/authority/import/parsed.ts";
import { rfc3339 } from "../../../src/der/time.ts";
import { readCertificate } from "../../../src/x509/certificate.ts";
import { derOf, type KeyName, OpensslCA } from "../../x509/openssl-ca.ts";

const SUBJECT = "/C=VN/O=Ban Cơ yếu Chính phủ/CN=Cơ quan chứng thực số";
const NAME = "CN=Cơ quan chứng thực số, O=Ban Cơ yếu Chính phủ, C=VN";

let ca: OpensslCA;
let sameName: OpensslCA;
let other: OpensslCA;
let issuer: ImportIssuer;

beforeAll(() => {
  ca = new OpensslCA(SUBJECT);
  sameName = new OpensslCA(SUBJECT);
  other = new OpensslCA("/C=VN/CN=Bộ Tài chính");
  issuer = issuerOf(ca);
});

afterAll(() => {
  for (const each of [ca, sameName, other]) each.remove();
});

function issuerOf(from: OpensslCA): ImportIssuer {
  return importIssuer(readCertificate(derOf(from.read("ca.pem"))));
}

function read(octets: Buffer | string): Parsed {
  return readCertificates("certs.pem", Buffer.from(octets as string), { issuer });
}

describe("certificates of the issuer", () => {
  test("a PEM bundle, with the line each begins on", () => {
    const files = ["Nguyễn Văn Đức", "Trần Thị Ánh"].map((name) => ca.issue(`/C=VN/CN=${name}`));
    const [first = "", second = ""] = files.map((file) => ca.read(file).toString());
    const { rows, bad, claims } = read(`who: x\n${first}\n${second}`);
    const x509 = [first, second].map((pem) => new X509Certificate(pem));
    expect(bad).toEqual([]);
    expect(claims).toBe("issuance");
    expect(rows).toEqual(
      x509.map((certificate, at) => ({
        serialNumber: certificate.serialNumber.toLowerCase().replace(/^0+/, ""),
        notAfter: rfc3339(Date.parse(certificate.validTo) / 1000),
        notBefore: rfc3339(Date.parse(certificate.validFrom) / 1000),
        status: "good",
        reason: null,
        revocationDate: null,
        invalidityDate: null,
        claims: "issuance",
        file: "certs.pem",
        line: at === 0 ? 2 : first.split("\n").length + 2,
      })),
    );
  });

  test("one certificate in DER", () => {
    const file = ca.issue("/CN=der", undefined, ["-set_serial", "0xFF303AE4E90AC1ED"]);
    const { rows, bad } = read(derOf(ca.read(file)));
    expect(bad).toEqual([]);
    expect(rows).toMatchObject([{ serialNumber: "ff303ae4e90ac1ed", line: 1 }]);
  });

  test.each(["RSA-2048", "P-384", "Ed25519"] as const)("of a CA with %s", (key: KeyName) => {
    const made = new OpensslCA("/CN=any", key);
    const octets = made.read(made.issue("/CN=leaf"));
    const { rows, bad } = readCertificates("f", octets, { issuer: issuerOf(made) });
    expect(bad).toEqual([]);
    expect(rows).toHaveLength(1);
    made.remove();
  });

  test("each is shown to who asks, with its place", () => {
    const octets = ca.read(ca.issue("/CN=shown"));
    const shown: unknown[] = [];
    const { rows } = readCertificates("f", octets, {
      issuer,
      onCertificate: (certificate, file, line) => shown.push([certificate.notAfter, file, line]),
    });
    expect(shown).toEqual([[Date.parse(rows[0]?.notAfter ?? "") / 1000, "f", 1]]);
  });
});

describe("the issuer's own certificate in a bundle is passed over", () => {
  test("the same one, one renewed with the same key, and its key beside", () => {
    ca.selfSign(SUBJECT, "renewed.pem", ["-set_serial", "77"]);
    const leaf = ca.read(ca.issue("/CN=chain"));
    const bundle = [ca.read("ca.key"), leaf, ca.read("ca.pem"), ca.read("renewed.pem")];
    const { rows, bad } = read(Buffer.concat(bundle));
    expect(bad).toEqual([]);
    expect(rows).toHaveLength(1);
  });

  test("alone it is no error either", () => {
    expect(read(ca.read("ca.pem"))).toMatchObject({ rows: [], bad: [] });
  });
});

describe("what the issuer's key did not sign is bad, and the rest goes in", () => {
  function withGood(pem: Buffer): Parsed {
    return read(Buffer.concat([pem, ca.read(ca.issue("/CN=good"))]));
  }

  test("another CA's certificate, and another CA's own", () => {
    for (const file of [other.issue("/CN=leaf"), "ca.pem"]) {
      const { rows, bad } = withGood(other.read(file));
      expect(rows).toHaveLength(1);
      const message = `issued by "CN=Bộ Tài chính, C=VN", not by this issuer "${NAME}"`;
      expect(bad).toEqual([{ file: "certs.pem", line: 1, message }]);
    }
  });

  test("a CA with the same name and another key, and its own certificate", () => {
    for (const file of [sameName.issue("/CN=leaf"), "ca.pem"]) {
      const { rows, bad } = withGood(sameName.read(file));
      expect(rows).toHaveLength(1);
      const message = `its signature does not verify with the key of "${NAME}"`;
      expect(bad).toEqual([{ file: "certs.pem", line: 1, message }]);
    }
  });

  test("a certificate with one bit of its subject changed", () => {
    const der = derOf(ca.read(ca.issue("/CN=leaf")));
    der[der.indexOf("leaf")] = 0x4c;
    expect(read(der).bad).toMatchObject([{ message: expect.stringContaining("does not verify") }]);
  });

  test("a serial number that no record can have", () => {
    const file = ca.issue("/CN=negative", undefined, ["-set_serial", "-5"]);
    const { rows, bad } = withGood(ca.read(file));
    expect(rows).toHaveLength(1);
    expect(bad).toMatchObject([
      { message: expect.stringMatching(/^serialNumber "-5 \(negative\)"/) },
    ]);
    const zero = ca.issue("/CN=zero", undefined, ["-set_serial", "0"]);
    expect(withGood(ca.read(zero)).bad).toMatchObject([
      { message: expect.stringMatching(/^serialNumber "0" is not a positive/) },
    ]);
  });
});

describe("bad files", () => {
  test("base64 damaged in one certificate of a bundle: its line is named, the next goes in", () => {
    const lines = ca.read(ca.issue("/CN=damaged")).toString().split("\n");
    lines[3] = "!!!!";
    const { rows, bad } = read(lines.join("\n") + ca.read(ca.issue("/CN=good")).toString());
    expect(rows).toHaveLength(1);
    expect(bad).toEqual([{ file: "certs.pem", line: 1, message: "bad PEM: line 4 is not base64" }]);
  });

  const table: [string, string | Buffer, RegExp][] = [
    ["an empty file", "", /^no certificate in this file/],
    ["text", "Xin chào", /^no certificate in this file/],
    [
      "a DER length without its content",
      Buffer.of(0x30, 0x82, 1, 0),
      /^not a certificate: .*byte 0/,
    ],
    ["PEM around what is no certificate", pem("CERTIFICATE", "MAA="), /^not a certificate: .*byte/],
    ["PKCS #7", pem("PKCS7", "MAA="), /^a PKCS7 is not a certificate; .*openssl pkcs7/],
    ["a CRL", pem("X509 CRL", "MAA="), /--format crl/],
    [
      "a request",
      pem("CERTIFICATE REQUEST", "MAA="),
      /^a CERTIFICATE REQUEST is not a certificate$/,
    ],
  ];
  test.each(table)("%s", (_, octets, message) => {
    const { rows, bad } = read(octets);
    expect(rows).toEqual([]);
    expect(bad).toEqual([{ file: "certs.pem", line: 1, message: expect.stringMatching(message) }]);
  });

  test("a key alone is no certificate, and never quoted", () => {
    const { bad } = read(ca.read("ca.key"));
    expect(bad).toMatchObject([{ message: "no certificate in this file, PEM or DER" }]);
  });

  function pem(label: string, body: string): string {
    return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  }
});
