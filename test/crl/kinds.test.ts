import { describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import { OIDS } from "../../src/der/oids.ts";
import { sequence } from "../../src/der/writer.ts";
import { bufferOf } from "./signing-ca.ts";

const URL = "http://crl.example.vn/crl/gov-1/3.crl";
const fields: CRLFields = {
  signatureAlgorithm: sequence(OIDS.ecdsaWithSHA256),
  issuer: sequence(sequence()),
  thisUpdate: 1_790_000_000,
  nextUpdate: 1_790_086_400,
  authorityKeyIdentifier: Buffer.alloc(20),
  crlNumber: 2n ** 159n - 1n,
  expiredCertsOnCRL: undefined,
};

function read(kind: Partial<CRLFields>): ReturnType<typeof readCertificateList> {
  const buffer = bufferOf({ ...fields, ...kind }, []);
  return readCertificateList(buffer.certificateList(buffer.tbsCertList(), Buffer.of(9)));
}

describe("a CRL's kind", () => {
  it("is full without any of the extensions that say otherwise", () => {
    const { baseCRLNumber, issuingDistributionPoint, freshestCRL, extensions } = read({});
    expect([baseCRLNumber, issuingDistributionPoint, freshestCRL]).toEqual(
      Array(3).fill(undefined),
    );
    expect(extensions.map(({ oid }) => oid)).toEqual(["2.5.29.35", "2.5.29.20"]);
  });

  it("is delta by a critical deltaCRLIndicator", () => {
    const list = read({ baseCRLNumber: 2n ** 158n });
    expect(list.baseCRLNumber).toBe(2n ** 158n);
    expect(list.extensions).toContainEqual({ oid: "2.5.29.27", isCritical: true, isKnown: true });
    expect(list.unknownCriticalExtensions).toEqual([]);
  });

  it("is a shard by a critical issuingDistributionPoint with its URL and nothing else", () => {
    const list = read({ issuingDistributionPoint: URL });
    expect(list.issuingDistributionPoint).toEqual({
      uris: [URL],
      onlyContainsUserCerts: false,
      onlyContainsCACerts: false,
      hasOnlySomeReasons: false,
      isIndirect: false,
      onlyContainsAttributeCerts: false,
    });
    expect(list.extensions).toContainEqual({ oid: "2.5.29.28", isCritical: true, isKnown: true });
  });

  it("has deltas by a freshestCRL that is not critical", () => {
    const list = read({ freshestCRL: URL });
    expect(list.freshestCRL).toEqual([URL]);
    expect(list.extensions).toContainEqual({ oid: "2.5.29.46", isCritical: false, isKnown: true });
  });

  it("has a base whose number is as bounded as its own", () => {
    expect(() => read({ baseCRLNumber: 2n ** 159n })).toThrow(RangeError);
    expect(() => read({ crlNumber: 2n ** 159n })).toThrow(RangeError);
  });
});
