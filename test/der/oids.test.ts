import { ObjectIdentifier } from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OIDS, oidText, sameOctets } from "../../src/der/oids.ts";
import { DerError, DerReader, Tag } from "../../src/der/reader.ts";
import { element, oid } from "../../src/der/writer.ts";
import { mustRun } from "../support/run-program.ts";

/** Short names that OpenSSL gives to what stands in the table, where it has one. */
const OPENSSL_NAMES: Readonly<Partial<Record<keyof typeof OIDS, string>>> = {
  ocspBasic: "basicOCSPResponse",
  ocspNonce: "Nonce",
  ocspResponse: "acceptableResponses",
  ocspNocheck: "noCheck",
  ocspArchiveCutoff: "archiveCutoff",
  ocspServiceLocator: "serviceLocator",
  caIssuers: "caIssuers",
  ocsp: "OCSP",
  ocspSigning: "OCSPSigning",
  authorityInfoAccess: "authorityInfoAccess",
  subjectKeyIdentifier: "subjectKeyIdentifier",
  keyUsage: "keyUsage",
  basicConstraints: "basicConstraints",
  crlNumber: "crlNumber",
  crlReason: "CRLReason",
  invalidityDate: "invalidityDate",
  crlDistributionPoints: "crlDistributionPoints",
  authorityKeyIdentifier: "authorityKeyIdentifier",
  extKeyUsage: "extendedKeyUsage",
  sha1: "SHA1",
  sha224: "SHA224",
  sha256: "SHA256",
  sha384: "SHA384",
  sha512: "SHA512",
  sha1WithRSAEncryption: "RSA-SHA1",
  sha256WithRSAEncryption: "RSA-SHA256",
  sha384WithRSAEncryption: "RSA-SHA384",
  sha512WithRSAEncryption: "RSA-SHA512",
  ecdsaWithSHA256: "ecdsa-with-SHA256",
  ecdsaWithSHA384: "ecdsa-with-SHA384",
  ecdsaWithSHA512: "ecdsa-with-SHA512",
  ed25519: "ED25519",
  ed448: "ED448",
  dsaWithSHA1: "DSA-SHA1",
  dsaWithSHA256: "dsa_with_SHA256",
  ecdsaWithSHA1: "ecdsa-with-SHA1",
  ecdsaWithSHA224: "ecdsa-with-SHA224",
  sha224WithRSAEncryption: "RSA-SHA224",
  deltaCRLIndicator: "deltaCRL",
  issuingDistributionPoint: "issuingDistributionPoint",
  freshestCRL: "freshestCRL",
  mgf1: "MGF1",
  rsassaPss: "RSASSA-PSS",
};

/** Newer than OpenSSL 3.0 is (RFC 9881, X.509). */
const WITHOUT_NAMES: Readonly<Record<string, string>> = {
  ocspPrefSigAlgs: "1.3.6.1.5.5.7.48.1.8",
  expiredCertsOnCRL: "2.5.29.60",
  ocspExtendedRevoke: "1.3.6.1.5.5.7.48.1.9",
  mlDsa44: "2.16.840.1.101.3.4.3.17",
  mlDsa65: "2.16.840.1.101.3.4.3.18",
  mlDsa87: "2.16.840.1.101.3.4.3.19",
};

describe("OIDS", () => {
  it("are all different", () => {
    const texts = Object.values(OIDS).map(oidText);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("are what OpenSSL knows by these names", () => {
    // `openssl list -objects` prints lines such as "Nonce = OCSP Nonce, 1.3.6.1.5.5.7.48.1.2".
    const lines = mustRun("openssl", ["list", "-objects"]).split("\n");
    const known = new Map<string, string>();
    for (const line of lines) {
      const [, name, numbers] = /^(\S+) = .*?([\d.]+)$/.exec(line) ?? [];
      if (name !== undefined && numbers !== undefined) known.set(name, numbers);
    }
    for (const [name, short] of Object.entries(OPENSSL_NAMES)) {
      expect(oidText(OIDS[name as keyof typeof OIDS]), name).toBe(known.get(short));
    }
  });

  it("and what it has no name for", () => {
    for (const [name, dotted] of Object.entries(WITHOUT_NAMES)) {
      expect(oidText(OIDS[name as keyof typeof OIDS]), name).toBe(dotted);
    }
    const checked = [...Object.keys(OPENSSL_NAMES), ...Object.keys(WITHOUT_NAMES)];
    expect(checked.sort()).toEqual(Object.keys(OIDS).sort());
  });
});

describe("oidText", () => {
  it("turns back what oid made", () => {
    const arcs = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.nat(2), fc.nat(39), arcs, (first, second, rest) => {
        const dotted = [first, second, ...rest].join(".");
        expect(oidText(oid(dotted))).toBe(dotted);
      }),
    );
  });

  it("reads arcs that are larger than a number can be", () => {
    const uuid = "2.25.329800735698586629295641978511506172918";
    const der = new Uint8Array(new ObjectIdentifier({ value: uuid }).toBER());
    expect(oidText(der)).toBe(uuid);
  });

  it("reads one so long that its length takes several octets", () => {
    const dotted = `1.3.${Array(200).fill("1").join(".")}`;
    expect(oidText(oid(dotted))).toBe(dotted);
  });

  it("gives a text for any content, and an error for another element", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (content) => {
        expect(oidText(element(Tag.oid, content))).toMatch(/^\d+(\.\d+)+$/);
      }),
    );
    expect(() => oidText(Uint8Array.of(0x05, 0x00))).toThrow(DerError);
  });
});

describe("sameOctets", () => {
  it("says whether runs of octets are equal, of whatever kind of array", () => {
    const octets = fc.uint8Array({ maxLength: 6 });
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        expect(sameOctets(a, Buffer.from(a))).toBe(true);
        expect(sameOctets(a, b)).toBe(a.join() === b.join());
      }),
    );
    const { bytes } = new DerReader(Buffer.from("0001", "hex"), "Sample");
    expect(sameOctets(bytes.subarray(0, 1), bytes)).toBe(false);
    expect(sameOctets(new Uint8Array(), new Uint8Array())).toBe(true);
  });
});
