import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OIDS } from "../../src/der/oids.ts";
import { DerError } from "../../src/der/reader.ts";
import { authorityInfoAccess, crlDistributionPoints } from "../../src/x509/access-urls.ts";
import { type Certificate, keyHash, readCertificate } from "../../src/x509/certificate.ts";
import {
  extKeyUsage,
  hasExtKeyUsage,
  hasOcspNocheck,
  isCA,
  keyUsage,
  subjectKeyIdentifier,
} from "../../src/x509/extensions.ts";
import { derOf, OpensslCA } from "./openssl-ca.ts";

let ca: OpensslCA;

beforeAll(() => {
  ca = new OpensslCA("/C=VN/CN=extensions");
});

afterAll(() => ca.remove());

function issued(...lines: string[]): Certificate {
  return readCertificate(derOf(ca.read(ca.issue("/CN=leaf", lines.join("\n")))));
}

describe("each extension, as OpenSSL writes it", () => {
  test("basicConstraints", () => {
    expect(isCA(readCertificate(derOf(ca.read("ca.pem"))))).toBe(true);
    expect(isCA(issued("basicConstraints=CA:TRUE,pathlen:3"))).toBe(true);
    expect(isCA(issued("basicConstraints=CA:FALSE"))).toBe(false);
    expect(isCA(issued("keyUsage=digitalSignature"))).toBe(false);
  });

  test("keyUsage, each bit and none", () => {
    const all = [
      "digitalSignature",
      "nonRepudiation",
      "keyEncipherment",
      "dataEncipherment",
      "keyAgreement",
      "keyCertSign",
      "cRLSign",
      "encipherOnly",
      "decipherOnly",
    ];
    for (const usage of all) {
      expect([...(keyUsage(issued(`keyUsage=${usage}`)) ?? [])]).toEqual([usage]);
    }
    expect([...(keyUsage(issued(`keyUsage=critical,${all.join(",")}`)) ?? [])]).toEqual(all);
    expect(keyUsage(issued("basicConstraints=CA:FALSE"))).toBeUndefined();
  });

  test("extKeyUsage", () => {
    const signer = issued("extendedKeyUsage=critical,clientAuth,OCSPSigning");
    expect(extKeyUsage(signer)).toHaveLength(2);
    expect(hasExtKeyUsage(signer, OIDS.ocspSigning)).toBe(true);
    const any = issued("extendedKeyUsage=anyExtendedKeyUsage");
    expect(hasExtKeyUsage(any, OIDS.ocspSigning)).toBe(false);
    expect(extKeyUsage(issued("basicConstraints=CA:FALSE"))).toBeUndefined();
  });

  test("noCheck", () => {
    expect(hasOcspNocheck(issued("noCheck=ignored"))).toBe(true);
    expect(hasOcspNocheck(issued("basicConstraints=CA:FALSE"))).toBe(false);
  });

  test("subjectKeyIdentifier", () => {
    const key = keyHash(readCertificate(derOf(ca.read("ca.pem"))), "sha1");
    const subject = subjectKeyIdentifier(readCertificate(derOf(ca.read("ca.pem"))));
    expect(subject && Buffer.from(subject)).toEqual(key);
    expect(subjectKeyIdentifier(issued("subjectKeyIdentifier=none"))).toBeUndefined();
  });

  test("crlDistributionPoints of two points, other names and reasons beside", () => {
    const certificate = issued(
      "crlDistributionPoints=one,two,relative",
      "[one]",
      "fullname=URI:http://ca.example.vn/cp.crl,DNS:ca.example.vn,URI:ldap://x/cn=a?b",
      "reasons=keyCompromise",
      "[two]",
      "fullname=URI:http://pub.ca.example.vn/cp.crl",
      "CRLissuer=dirName:name",
      "[relative]",
      "relativename=name",
      "[name]",
      "CN=point",
    );
    expect(crlDistributionPoints(certificate)).toEqual([
      "http://ca.example.vn/cp.crl",
      "ldap://x/cn=a?b",
      "http://pub.ca.example.vn/cp.crl",
    ]);
    expect(crlDistributionPoints(issued("basicConstraints=CA:FALSE"))).toEqual([]);
  });

  test("authorityInfoAccess, other methods and names passed over", () => {
    const certificate = issued(
      "authorityInfoAccess=OCSP;URI:http://ocsp.example.vn,caIssuers;URI:http://a/ca.crt,OCSP;DNS:x.vn,1.3.6.1.5.5.7.48.3;URI:http://t/",
    );
    expect(authorityInfoAccess(certificate)).toEqual({
      ocsp: ["http://ocsp.example.vn"],
      caIssuers: ["http://a/ca.crt"],
    });
  });
});

test("the roots that Node carries: keyUsage, SKI and URLs can all be read", () => {
  let withUsage = 0;
  for (const pem of rootCertificates) {
    const certificate = readCertificate(new X509Certificate(pem).raw);
    if (keyUsage(certificate)?.has("keyCertSign")) withUsage++;
    subjectKeyIdentifier(certificate);
    crlDistributionPoints(certificate);
    authorityInfoAccess(certificate);
  }
  expect(withUsage).toBeGreaterThan(100);
});

describe("bad extensions do not stop the certificate from being read", () => {
  test("a value that is no DER fails where it is asked for, with its byte in the certificate", () => {
    const certificate = issued("2.5.29.19=DER:30:03:01:01:07");
    const at = Buffer.from(certificate.der).indexOf(
      Buffer.from("30030101 07".replace(" ", ""), "hex"),
    );
    expect(() => isCA(certificate)).toThrow(
      `bad DER in Certificate at byte ${at + 2}: bad BOOLEAN`,
    );
    expect(keyUsage(certificate)).toBeUndefined();
  });

  test("the same extension twice", () => {
    const once = issued("2.5.29.14=DER:04:01:61", "2.5.29.15=DER:03:02:05:A0");
    const der = Buffer.from(once.der);
    const second = der.lastIndexOf(Buffer.from("551d0f", "hex"));
    der[second + 2] = 0x0e;
    expect(() => subjectKeyIdentifier(readCertificate(der))).toThrow(DerError);
    expect(() => subjectKeyIdentifier(readCertificate(der))).toThrow("the same extension twice");
  });
});
