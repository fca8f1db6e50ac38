import { createPublicKey, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Certificate, readCertificate } from "../../src/x509/certificate.ts";
import { verifySignature } from "../../src/x509/certificate-signature.ts";
import { derOf, type KeyName, OpensslCA } from "./openssl-ca.ts";

const NAMES: readonly KeyName[] = ["RSA-2048", "RSA-PSS", "P-256", "P-384", "P-521", "Ed25519"];
const cas = new Map<KeyName, OpensslCA>();

beforeAll(() => {
  for (const name of NAMES) cas.set(name, new OpensslCA("/CN=the same name", name));
});

afterAll(() => {
  for (const ca of cas.values()) ca.remove();
});

function caOf(name: KeyName): OpensslCA {
  return cas.get(name) as OpensslCA;
}

function keyOf(ca: OpensslCA): KeyObject {
  return createPublicKey(ca.read("ca.pem"));
}

function issued(ca: OpensslCA, digest: readonly string[]): Certificate {
  return readCertificate(derOf(ca.read(ca.issue("/CN=leaf", undefined, [...digest]))));
}

describe.each([
  ["RSA-2048", "-sha1"],
  ["RSA-2048", "-sha256"],
  ["RSA-2048", "-sha384"],
  ["RSA-2048", "-sha512"],
  ["P-256", "-sha256"],
  ["P-256", "-sha512"],
  ["P-384", "-sha384"],
  ["P-521", "-sha512"],
  ["RSA-PSS", "-sha256"],
  ["RSA-PSS", "-sha512"],
  ["Ed25519", ""],
] as const)("%s %s", (name, digest) => {
  test("verifies with the key that signed, and with no other", () => {
    const certificate = issued(caOf(name), digest === "" ? [] : [digest]);
    const verdicts = NAMES.map((other) => verifySignature(certificate, keyOf(caOf(other))));
    expect(verdicts).toEqual(NAMES.map((n) => (n === name ? "verified" : "notVerified")));
  });

  test("does not verify when one bit is changed, in what is signed or in the signature", () => {
    const der = Buffer.from(issued(caOf(name), digest === "" ? [] : [digest]).der);
    const key = keyOf(caOf(name));
    for (const at of [der.indexOf("leaf"), der.length - 1]) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] as number) ^ 1;
      expect(verifySignature(readCertificate(changed), key)).toBe("notVerified");
    }
  });
});

test("RSASSA-PSS by a key that is not for it alone, with the longest salt", () => {
  const ca = caOf("RSA-2048");
  const pss = ["-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:206"];
  const certificate = issued(ca, pss);
  expect(verifySignature(certificate, keyOf(ca))).toBe("verified");
  expect(verifySignature(certificate, keyOf(caOf("RSA-PSS")))).toBe("notVerified");
});

test("Ed448 is verified", () => {
  const ed448 = new OpensslCA("/CN=ed448", "Ed448");
  const certificate = readCertificate(derOf(ed448.read("ca.pem")));
  expect(verifySignature(certificate, keyOf(ed448))).toBe("verified");
  ed448.remove();
});

test("an algorithm that is not known is said to be so", () => {
  // RSASSA-PSS over SHA-1: the default of its parameters.
  const sha1 = issued(caOf("RSA-PSS"), ["-sha1"]);
  expect(verifySignature(sha1, keyOf(caOf("RSA-PSS")))).toBe("unknownAlgorithm");
});
