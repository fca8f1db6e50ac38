import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { readCertificate } from "../../src/x509/certificate.ts";
import {
  algorithmOfKey,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../../src/x509/signature-algorithm.ts";
import { derOf, type KeyName, OpensslCA } from "./openssl-ca.ts";

const cas: OpensslCA[] = [];
afterAll(() => {
  for (const ca of cas) ca.remove();
});

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** The AlgorithmIdentifier that `openssl` writes into a certificate. */
function byOpenssl(key: KeyName, ...options: string[]): string {
  const ca = new OpensslCA("/CN=it", key, options);
  cas.push(ca);
  return hex(readCertificate(derOf(ca.read("ca.pem"))).signatureAlgorithm);
}

describe("an AlgorithmIdentifier is what openssl writes", () => {
  const salted = ["-sigopt", "rsa_pss_saltlen:digest"];
  it.each<[SignatureAlgorithm, KeyName, ...string[]]>([
    ["rsaPkcs1", "RSA-2048", "-sha256"],
    ["rsaPss256", "RSA-PSS", "-sha256", ...salted],
    ["rsaPss384", "RSA-PSS", "-sha384", ...salted],
    ["rsaPss512", "RSA-PSS", "-sha512", ...salted],
    ["ecdsaP256", "P-256", "-sha256"],
    ["ecdsaP384", "P-384", "-sha384"],
    ["ecdsaP521", "P-521", "-sha512"],
    ["ed25519", "Ed25519"],
  ])("%s", (algorithm, key, ...options) => {
    expect(hex(SIGNATURE_ALGORITHMS[algorithm].identifier)).toBe(byOpenssl(key, ...options));
  });

  it("ML-DSA, which not every openssl has: the object identifiers of RFC 9881 2 alone", () => {
    const of = (algorithm: SignatureAlgorithm): string =>
      hex(SIGNATURE_ALGORITHMS[algorithm].identifier);
    expect([of("mlDsa44"), of("mlDsa65"), of("mlDsa87")]).toEqual([
      "300b0609608648016503040311",
      "300b0609608648016503040312",
      "300b0609608648016503040313",
    ]);
  });
});

describe("algorithmOfKey", () => {
  function pss(hashAlgorithm: string, mgf1HashAlgorithm: string, saltLength: number): KeyObject {
    // A number; the types have it as text.
    const salt = { saltLength: saltLength as unknown as string };
    const options = { modulusLength: 2048, hashAlgorithm, mgf1HashAlgorithm, ...salt };
    return generateKeyPairSync("rsa-pss", options).publicKey;
  }

  it.each([
    ["a salt longer than the digest", pss("sha256", "sha256", 33)],
    ["MGF1 over another digest", pss("sha256", "sha512", 20)],
    ["a weak digest", pss("sha1", "sha1", 20)],
  ])("refuses an RSASSA-PSS key that demands %s", (_, key) => {
    expect(algorithmOfKey(key)).toBeUndefined();
  });

  it("takes the digest that an RSASSA-PSS key demands, and a salt as long as the digest", () => {
    expect(algorithmOfKey(pss("sha512", "sha512", 20))).toBe("rsaPss512");
    expect(algorithmOfKey(pss("sha384", "sha384", 48))).toBe("rsaPss384");
  });

  it("takes RSA of 2048 to 4096 bits", () => {
    const rsa = (bits: number): KeyObject => {
      const n = Buffer.alloc(bits / 8, 0xff).toString("base64url");
      return createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
    };
    const algorithms = [2040, 2048, 4096, 4104].map((bits) => algorithmOfKey(rsa(bits)));
    expect(algorithms).toEqual([undefined, "rsaPkcs1", "rsaPkcs1", undefined]);
  });

  it("knows no key for key agreement, nor a curve that is not NIST's", () => {
    expect(algorithmOfKey(generateKeyPairSync("x25519").publicKey)).toBeUndefined();
    const curve = { namedCurve: "secp256k1" };
    expect(algorithmOfKey(generateKeyPairSync("ec", curve).publicKey)).toBeUndefined();
  });
});
