import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequence } from "../../src/der/writer.ts";
import { type Expected, type Fault, proveAnswer } from "../../src/ocsp/proof.ts";
import type { CertRecord } from "../../src/ocsp/record.ts";
import type { SignerParts } from "../../src/ocsp/template.ts";
import { goldenFiles } from "../vectors/golden/make.ts";
import { type GoldenSigner, goldenSigner } from "./golden-signer.ts";
import * as made from "./hand-made-response.ts";
import {
  expectedOf,
  goodRecord,
  madeAnswer,
  type Planned,
  revokedRecord,
  serial,
} from "./made-answer.ts";

const ec = goldenSigner({ kind: "ec", by: "delegate" });
const ecDirect = goldenSigner({ kind: "ec", by: "direct" });
const rsa = goldenSigner({ kind: "rsa", by: "delegate" });
const serialNumber = serial("4fff982709f9c2593c10e906bd482b01");

const good: Planned = { by: ec, hash: "sha256", serialNumber, record: goodRecord() };
const revoked: Planned = { ...good, record: revokedRecord() };
const hold: Planned = { ...good, record: revokedRecord({ status: "hold", reason: 0 }) };
const expired: Planned = { ...good, record: goodRecord({ notAfter: Date.UTC(2026, 0, 1) / 1000 }) };

const recorded = (planned: Planned, changes: Partial<CertRecord>): Planned => ({
  ...planned,
  record: { ...planned.record, ...changes },
});
const signedBy = (signer: Partial<SignerParts>): GoldenSigner => ({
  ...ec,
  signer: { ...ec.signer, ...signer },
});
const issuedBy = (issuer: Partial<GoldenSigner["issuer"]>): GoldenSigner => ({
  ...ec,
  issuer: { ...ec.issuer, ...issuer },
});
const oneBitOff = (octets: Uint8Array): Buffer => {
  const changed = Buffer.from(octets);
  changed[0] = (changed[0] as number) ^ 0x01;
  return changed;
};

const { nameHash, keyHash } = ec.issuer;
const { thisUpdate, producedAt, nextUpdate, revocationDate } = revoked.record;

/** What is made, right in itself and signed by the right key, against what it should have been. */
const PLANTED: readonly [string, Fault, Planned, Planned][] = [
  ["another serial number", "serialNumber", { ...good, serialNumber: serial("5") }, good],
  [
    "a serial number with its high bit, negative",
    "serialNumber",
    { ...good, serialNumber: serial("80") },
    { ...good, serialNumber: Buffer.of(0x80) as Uint8Array as typeof serialNumber },
  ],
  ["SHA-1 instead of SHA-256", "hash", { ...good, hash: "sha1" }, good],
  [
    "another issuer's name",
    "hash",
    { ...good, by: issuedBy({ nameHash: rsa.issuer.nameHash }) },
    good,
  ],
  [
    "another issuer's key",
    "hash",
    { ...good, by: issuedBy({ keyHash: rsa.issuer.keyHash }) },
    good,
  ],
  [
    "name and key hash exchanged",
    "hash",
    { ...good, by: issuedBy({ nameHash: keyHash, keyHash: nameHash }) },
    good,
  ],
  ["good where it is revoked", "certStatus", good, revoked],
  ["good where it is on hold", "certStatus", good, hold],
  ["revoked where it is good", "certStatus", revoked, good],
  ["on hold where it is good", "certStatus", hold, good],
  ["no reason where there is one", "reason", recorded(revoked, { reason: 0 }), revoked],
  ["a reason where there is none", "reason", revoked, recorded(revoked, { reason: 0 })],
  ["another reason", "reason", recorded(revoked, { reason: 4 }), revoked],
  ["hold instead of keyCompromise", "reason", recorded(hold, { revocationDate }), revoked],
  ["keyCompromise instead of hold", "reason", revoked, hold],
  [
    "revoked a second later",
    "time",
    recorded(revoked, { revocationDate: revocationDate + 1 }),
    revoked,
  ],
  ["thisUpdate a second early", "time", recorded(good, { thisUpdate: thisUpdate - 1 }), good],
  ["producedAt a second late", "time", recorded(good, { producedAt: producedAt + 1 }), good],
  ["nextUpdate a second late", "time", recorded(good, { nextUpdate: nextUpdate + 1 }), good],
  ["archiveCutoff where it has not expired", "time", expired, good],
  ["no archiveCutoff where it has expired", "time", good, expired],
  [
    "archiveCutoff of another rule",
    "time",
    { ...expired, by: signedBy({ archive: 86_400 }) },
    expired,
  ],
  [
    "archiveCutoff of another CA",
    "time",
    { ...expired, by: issuedBy({ notBefore: 86_400 }) },
    expired,
  ],
  [
    "another key hash",
    "signer",
    { ...good, by: signedBy({ keyHash: oneBitOff(ec.signer.keyHash) }) },
    good,
  ],
  [
    "another certificate",
    "signer",
    { ...good, by: signedBy({ certificate: rsa.signer.certificate }) },
    good,
  ],
  ["no certificate", "signer", { ...good, by: signedBy({ direct: true }) }, good],
  [
    "a certificate where the CA signs",
    "signer",
    { ...good, by: { ...ecDirect, signer: { ...ecDirect.signer, direct: false } } },
    { ...good, by: ecDirect },
  ],
  [
    "another key's signature",
    "signature",
    { ...good, by: { ...ec, privateKey: ecDirect.privateKey } },
    good,
  ],
];

/** Times that were recorded and written alike, and must not be. */
const OUT_OF_ORDER: readonly [string, Planned][] = [
  ["nextUpdate at producedAt", recorded(good, { nextUpdate: producedAt })],
  ["nextUpdate before producedAt", recorded(good, { nextUpdate: producedAt - 1 })],
  ["nextUpdate at the end of the signer", { ...good, by: signedBy({ notAfter: nextUpdate }) }],
];

const prove = (der: Uint8Array, planned: Planned, changes: Partial<Expected> = {}) =>
  proveAnswer(der, { ...expectedOf(planned), ...changes });

const RIGHT: readonly [string, Planned][] = [
  ["good", good],
  ["revoked", revoked],
  ["revoked without a reason", recorded(revoked, { reason: 0 })],
  ["on hold", hold],
  ["expired", expired],
  ["good, SHA-1", { ...good, hash: "sha1" }],
  ["good, signed by the CA", { ...good, by: ecDirect }],
  ["good, RSA", { ...good, by: rsa }],
  [
    "nextUpdate a second before the signer ends",
    { ...good, by: signedBy({ notAfter: nextUpdate + 1 }) },
  ],
];

describe("proveAnswer", () => {
  it.each(RIGHT)("passes what is right: %s", (_, planned) => {
    expect(prove(madeAnswer(planned), planned)).toBeUndefined();
  });

  it.each(PLANTED)("finds %s: %s", (_, fault, mistaken, meant) => {
    expect(prove(madeAnswer(mistaken), meant)).toBe(fault);
  });

  it.each(OUT_OF_ORDER)("finds %s: time", (_, planned) => {
    expect(prove(madeAnswer(planned), planned)).toBe("time");
  });

  it("finds thisUpdate after producedAt: time", () => {
    const early = { ...good.record, producedAt: thisUpdate - 1 };
    const der = byHand({ producedAt: "20261130235959Z" });
    expect(prove(der, good, { record: early })).toBe("time");
  });

  it("finds another signature algorithm: signer", () => {
    expect(prove(byHand({ signatureAlgorithm: made.RSA }), good)).toBe("signer");
    expect(prove(byHand({}), good)).toBeUndefined();
  });

  it("finds unknown, and unspecified written out", () => {
    expect(prove(byHand({}, { certStatus: made.UNKNOWN }), good)).toBe("certStatus");
    const unspecified = recorded(revoked, { reason: 0 });
    const certStatus = made.revoked("20261101020304Z", 0);
    expect(prove(byHand({}, { certStatus }), unspecified)).toBe("reason");
  });

  it("finds hash parameters left out, though that means the same: hash", () => {
    const hashAlgorithm = Buffer.concat([Buffer.of(0x30, 11), made.SHA256.subarray(2, 13)]);
    expect(prove(byHand({}, { hashAlgorithm }), good)).toBe("hash");
  });

  it("finds what cannot be read, and what is too long, by its size", () => {
    const der = madeAnswer(good);
    expect(prove(der.subarray(0, -1), good)).toBe("size");
    expect(prove(Buffer.concat([der, Buffer.of(0)]), good)).toBe("size");
    expect(prove(new Uint8Array(), good)).toBe("size");
    const long = { ...good, by: signedBy({ certificate: made.octetString(Buffer.alloc(16_384)) }) };
    expect(prove(madeAnswer(long), long)).toBe("size");
    for (const [name, bad] of goldenFiles()) {
      if (name.startsWith("bad.")) expect(prove(bad, good), name).toBe("size");
    }
  });

  it("finds one bit of the signature, in each of its octets", () => {
    for (const planned of [{ ...good, by: ecDirect }, good, { ...good, by: rsa }]) {
      const signWrongly = (bit: number) => (octets: Uint8Array) => {
        const key = { key: planned.by.privateKey, dsaEncoding: "ieee-p1363" } as const;
        const signature = sign("sha256", octets, key);
        signature[bit >> 3] = (signature[bit >> 3] as number) ^ (1 << (bit & 7));
        return signature;
      };
      for (let octet = 0; octet < planned.by.signer.signatureSize; octet += 7) {
        const der = madeAnswer(planned, signWrongly(octet * 8 + (octet % 8)));
        expect(prove(der, planned)).toBe("signature");
      }
    }
  });

  it("finds another public key: signature", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(prove(madeAnswer(good), good, { publicKey })).toBe("signature");
    expect(prove(madeAnswer(good), good, { publicKey: rsa.publicKey })).toBe("signature");
  });

  it("finds every single bit that is not as it was", () => {
    const answers = [{ ...good, by: ecDirect }, revoked, expired].map(
      (planned) => [planned, madeAnswer(planned)] as const,
    );
    for (const [planned, der] of answers) {
      for (let bit = 0; bit < der.length * 8; bit++) {
        const octet = bit >> 3;
        der[octet] = (der[octet] as number) ^ (1 << (bit & 7));
        if (prove(der, planned) === undefined) expect(`bit ${bit}`).toBe("found");
        der[octet] = (der[octet] as number) ^ (1 << (bit & 7));
      }
      expect(prove(der, planned)).toBeUndefined();
    }
  });

  it("finds every change of a long answer", () => {
    const planned = { ...revoked, by: rsa };
    const der = madeAnswer(planned);
    const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ([at]) => at }),
        (changes) => {
          const changed = Buffer.from(der);
          for (const [at, by] of changes) changed[at] = (changed[at] as number) ^ by;
          expect(prove(changed, planned)).toBeDefined();
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** The good answer by hand with parts exchanged, signed by the right key over what it then says. */
function byHand(
  changes: Partial<made.HandMadeResponse>,
  single: Partial<made.HandMadeSingle> = {},
): Buffer {
  const response: made.HandMadeResponse = {
    responderID: made.explicit(2, made.octetString(ec.signer.keyHash)),
    producedAt: "20261201000500Z",
    responses: [
      made.singleResponse({
        hashAlgorithm: made.SHA256,
        issuerNameHash: nameHash.sha256,
        issuerKeyHash: keyHash.sha256,
        serialNumber,
        certStatus: made.GOOD,
        thisUpdate: "20261201000000Z",
        nextUpdate: "20261201235959Z",
        ...single,
      }),
    ],
    signatureAlgorithm: made.ECDSA,
    signature: Buffer.alloc(0),
    certs: made.explicit(0, sequence(ec.signer.certificate)),
    ...changes,
  };
  const signature = sign("sha256", made.responseData(response), ec.privateKey);
  return made.ocspResponse({ ...response, signature });
}
