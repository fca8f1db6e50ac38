import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequence } from "../../src/der/writer.ts";
import { type Expected, proveAnswer } from "../../src/ocsp/proof.ts";
import { goldenFiles } from "../vectors/golden/make.ts";
import * as made from "./hand-made-response.ts";
import { expectedOf, madeAnswer, type Planned } from "./made-answer.ts";
import {
  ec,
  ecDirect,
  expired,
  good,
  OUT_OF_ORDER,
  PLANTED,
  RIGHT,
  recorded,
  revoked,
  rsa,
  serialNumber,
  signedBy,
} from "./planted-faults.ts";

const { nameHash, keyHash } = ec.issuer;

const prove = (der: Uint8Array, planned: Planned, changes: Partial<Expected> = {}) =>
  proveAnswer(der, { ...expectedOf(planned), ...changes });

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
    const early = { ...good.record, producedAt: good.record.thisUpdate - 1 };
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
    const long = { ...good, by: signedBy({ certificate: sequence(Buffer.alloc(16_384)) }) };
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
      for (let octet = 0; octet < planned.by.signer.signatureSize; octet++) {
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
