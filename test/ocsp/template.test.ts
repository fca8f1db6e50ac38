import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { oid } from "../../src/der/writer.ts";
import { HASHES, type HashName, hashOfOid } from "../../src/ocsp/hash.ts";
import { answerTemplate, archiveCutoff } from "../../src/ocsp/template.ts";
import { mustRun } from "../support/run-program.ts";
import { goldenSigner } from "./golden-signer.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const delegate = goldenSigner({ kind: "ec", by: "delegate" });
const direct = goldenSigner({ kind: "rsa", by: "direct" });

describe("answerTemplate", () => {
  it.each<[HashName, string]>([
    ["sha1", "300906052b0e03021a0500"],
    ["sha224", "300d06096086480165030402040500"],
    ["sha256", "300d06096086480165030402010500"],
    ["sha384", "300d06096086480165030402020500"],
    ["sha512", "300d06096086480165030402030500"],
  ])(
    "a CertID with %s begins with its AlgorithmIdentifier, parameters NULL, and both hashes",
    (hash, algorithm) => {
      const { issuer, signer } = delegate;
      const { certIDHead } = answerTemplate(issuer, signer, hash);
      const size = HASHES[hash].size.toString(16);
      expect(hex(certIDHead)).toBe(
        `${algorithm}04${size}${hex(issuer.nameHash[hash])}04${size}${hex(issuer.keyHash[hash])}`,
      );
    },
  );

  it("names issuers as openssl does in its requests", () => {
    const { issuer, caCertificate } = delegate;
    const asked = ["-issuer", caCertificate, "-serial", "1", "-sha256", "-serial", "2"];
    const text = mustRun("openssl", ["ocsp", ...asked, "-no_nonce", "-req_text"]);
    const values = (name: string): string[] =>
      [...text.matchAll(new RegExp(`${name}: (\\S+)`, "g"))].map(([, value = ""]) =>
        value.toLowerCase(),
      );
    expect(values("Issuer Name Hash")).toEqual([
      hex(issuer.nameHash.sha1),
      hex(issuer.nameHash.sha256),
    ]);
    expect(values("Issuer Key Hash")).toEqual([
      hex(issuer.keyHash.sha1),
      hex(issuer.keyHash.sha256),
    ]);
  });

  it("names the responder byKey, by SHA-1 whatever the CertID's hash", () => {
    for (const hash of ["sha1", "sha256"] as const) {
      const { responderID } = answerTemplate(delegate.issuer, delegate.signer, hash);
      expect(hex(responderID)).toBe(`a2160414${hex(delegate.signer.keyHash)}`);
    }
  });

  it("carries the delegate's certificate alone, and none where the CA signs", () => {
    const { certs } = answerTemplate(delegate.issuer, delegate.signer, "sha1");
    const length = delegate.signer.certificate.length;
    const head = hex(certs.subarray(0, 8));
    expect(head).toBe(
      `a082${(length + 4).toString(16).padStart(4, "0")}3082${length.toString(16).padStart(4, "0")}`,
    );
    expect(new X509Certificate(certs.subarray(8)).subject).toContain("Golden ec OCSP");
    expect(answerTemplate(direct.issuer, direct.signer, "sha1").certs.length).toBe(0);
  });

  it("writes no parameters for ECDSA, and NULL for RSA", () => {
    const ec = answerTemplate(delegate.issuer, delegate.signer, "sha1");
    const rsa = answerTemplate(direct.issuer, direct.signer, "sha1");
    expect(hex(ec.signatureAlgorithm)).toBe("300a06082a8648ce3d040302");
    expect(hex(rsa.signatureAlgorithm)).toBe("300d06092a864886f70d01010b0500");
    expect([ec.ecdsa, rsa.ecdsa]).toEqual([true, false]);
  });
});

describe("archiveCutoff", () => {
  const NOT_BEFORE = 1000;
  const PRODUCED_AT = 1_000_000;
  it.each<[string, "forever" | number, number | undefined, number | undefined]>([
    ["none for a certificate that lives", "forever", PRODUCED_AT + 1, undefined],
    ["none in its last second", "forever", PRODUCED_AT, undefined],
    ["the CA's notBefore in the second after", "forever", PRODUCED_AT - 1, NOT_BEFORE],
    ["none where its end is not known", "forever", undefined, undefined],
    ["producedAt less the retention", 600_000, PRODUCED_AT - 1, 400_000],
    ["producedAt where nothing is kept", 0, PRODUCED_AT - 1, PRODUCED_AT],
    ["none for a certificate that lives, with a retention", 600_000, PRODUCED_AT + 1, undefined],
  ])("%s", (_, archive, notAfter, cutoff) => {
    expect(archiveCutoff(archive, NOT_BEFORE, notAfter, PRODUCED_AT)).toBe(cutoff);
  });
});

describe("hash algorithms", () => {
  it.each(Object.values(HASHES))(
    "$name is found by its OID, and its hashes have $size octets",
    (hash) => {
      expect(hashOfOid(hash.oid)).toBe(hash);
      const file = delegate.caCertificate;
      const digest = mustRun("openssl", ["dgst", `-${hash.name}`, "-r", file]).split(" ")[0] ?? "";
      expect(digest.length / 2).toBe(hash.size);
    },
  );

  it.each(["1.2.840.113549.2.5", "2.16.840.1.101.3.4.2", "1.3.14.3.2.26.0"])(
    "%s is none",
    (dotted) => expect(hashOfOid(oid(dotted))).toBeUndefined(),
  );
});
