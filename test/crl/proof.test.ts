import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import type { RevokedEntry } from "../../src/crl/entry.ts";
import { type CRLFault, type ExpectedCRL, proveCRL } from "../../src/crl/proof.ts";
import { OIDS } from "../../src/der/oids.ts";
import { bitString, NULL, sequence } from "../../src/der/writer.ts";
import { CRLReason, type ReasonCode } from "../../src/x509/reason.ts";
import { bufferOf, serial, signCRL } from "./signing-ca.ts";

const THIS_UPDATE = 1_790_000_000;
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

const fields: CRLFields = {
  signatureAlgorithm: sequence(OIDS.ecdsaWithSHA256),
  issuer: sequence(sequence(OIDS.sha1)),
  thisUpdate: THIS_UPDATE,
  nextUpdate: THIS_UPDATE + 86_400,
  authorityKeyIdentifier: Buffer.alloc(20, 0xab),
  crlNumber: 1000n,
  expiredCertsOnCRL: undefined,
};

function revoked(text: string, reason: ReasonCode, invalidityDate?: number): RevokedEntry {
  const revocationDate = THIS_UPDATE - 5;
  return { serialNumber: serial(text), revocationDate, reason, invalidityDate };
}

const first = revoked("61", CRLReason.keyCompromise, THIS_UPDATE - 99);
const second = revoked("6101", CRLReason.unspecified);
const third = revoked("62", CRLReason.superseded);
const entries = [first, second, third];

const expected: ExpectedCRL = {
  ...fields,
  publicKey,
  algorithm: "ecdsaP256",
  entries,
  allowedReasons: new Set([CRLReason.unspecified, CRLReason.keyCompromise, CRLReason.superseded]),
  previous: { crlNumber: 999n, thisUpdate: THIS_UPDATE },
  size: { least: 100, most: 2000 },
};

const crl = (changes: Partial<CRLFields>, listed: readonly RevokedEntry[] = entries): Uint8Array =>
  signCRL(privateKey, { ...fields, ...changes }, listed);

/** Replaces octets, given in hexadecimal, in the signed part and signs again. */
function edited(from: string, to: string, changes: Partial<CRLFields> = {}): Uint8Array {
  const tbs = Buffer.from(bufferOf({ ...fields, ...changes }, entries).tbsCertList()).toString(
    "hex",
  );
  expect(tbs.split(from)).toHaveLength(2);
  const changed = Buffer.from(tbs.replace(from, to), "hex");
  return sequence(
    changed,
    fields.signatureAlgorithm,
    bitString(sign("sha256", changed, privateKey)),
  );
}

function withFlippedBit(der: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(der);
  const index = at < 0 ? der.length + at : at;
  changed[index] = (changed[index] as number) ^ 1;
  return changed;
}

const URL = "http://crl.example.vn/crl/gov-1.crl";
const good = crl({});
const rsa = { signatureAlgorithm: sequence(OIDS.sha256WithRSAEncryption, NULL) };
const early = { ...second, revocationDate: second.revocationDate - 1 };
const since = { ...second, invalidityDate: 1 };

const faults: readonly [string, CRLFault, Uint8Array][] = [
  ["one bit of the signature is wrong", "signature", withFlippedBit(good, -1)],
  ["another key signed", "signature", signCRL(stranger.privateKey, fields, entries)],
  ["another algorithm is named", "signature", crl(rsa)],
  ["another CA's name is on it", "issuer", crl({ issuer: sequence(sequence(OIDS.sha256)) })],
  [
    "another key is named",
    "authorityKeyIdentifier",
    crl({ authorityKeyIdentifier: Buffer.alloc(20) }),
  ],
  ["the number is lower than it should be", "crlNumber", crl({ crlNumber: 999n })],
  ["the number is higher than it should be", "crlNumber", crl({ crlNumber: 1001n })],
  ["thisUpdate is a second off", "time", crl({ thisUpdate: THIS_UPDATE + 1 })],
  ["nextUpdate is a second off", "time", crl({ nextUpdate: THIS_UPDATE })],
  ["it says too much of expired certificates", "time", crl({ expiredCertsOnCRL: 0 })],
  ["the last entry is missing", "entries", crl({}, [first, second])],
  ["all entries are missing", "entries", crl({}, [])],
  ["an entry too many", "entries", crl({}, [...entries, revoked("63", 4)])],
  ["another serial number", "entries", crl({}, [first, revoked("6102", 0), third])],
  ["another date", "entries", crl({}, [first, early, third])],
  ["another invalidityDate", "entries", crl({}, [first, since, third])],
  ["no invalidityDate", "entries", crl({}, [revoked("61", 1), second, third])],
  ["another reason", "reason", crl({}, [first, revoked("6101", 4), third])],
  ["a reason that is not allowed", "reason", crl({}, [revoked("61", 8), second, third])],
  ["an entry twice", "duplicate", crl({}, [first, first, second, third])],
  ["entries out of order", "order", crl({}, [second, first, third])],
  ["unspecified is written out", "reason", edited("0a0104", "0a0100")],
  ["an unknown reason", "encoding", edited("0a0104", "0a0107")],
  [
    "an unknown extension",
    "extensions",
    edited("0603551d3c", "0603551d63", { expiredCertsOnCRL: 0 }),
  ],
  ["an unknown extension of an entry", "extensions", edited("0603551d18", "0603551d63")],
  ["it says that it is a delta", "baseCRLNumber", crl({ baseCRLNumber: 999n })],
  ["it names a shard", "issuingDistributionPoint", crl({ issuingDistributionPoint: URL })],
  ["it names deltas", "freshestCRL", crl({ freshestCRL: URL })],
  ["its last octet is missing", "encoding", good.subarray(0, -1)],
  ["it is empty", "size", new Uint8Array(0)],
  ["an octet follows it", "encoding", Buffer.concat([good, Buffer.of(0)])],
];

describe("proveCRL", () => {
  it("passes the CRL that was meant, with and without a previous one", () => {
    expect(proveCRL(good, expected)).toBeUndefined();
    expect(proveCRL(good, { ...expected, previous: undefined })).toBeUndefined();
  });

  it("passes an RSA signature too", () => {
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const der = signCRL(key.privateKey, { ...fields, ...rsa }, entries);
    expect(
      proveCRL(der, { ...expected, ...rsa, algorithm: "rsaPkcs1", publicKey: key.publicKey }),
    ).toBeUndefined();
    expect(proveCRL(der, { ...expected, ...rsa })).toBe("signature");
  });

  it.each(faults)("when %s, it is for %s", (_, fault, der) => {
    expect(proveCRL(der, expected)).toBe(fault);
  });

  it.each<[string, CRLFault, Partial<ExpectedCRL>]>([
    ["the number does not rise", "crlNumber", { previous: { crlNumber: 1000n, thisUpdate: 0 } }],
    ["time steps back", "time", { previous: { crlNumber: 1n, thisUpdate: THIS_UPDATE + 1 } }],
    ["it is too small", "size", { size: { least: good.length + 1, most: 2000 } }],
    ["it is too large", "size", { size: { least: 0, most: good.length - 1 } }],
    ["the digest is another", "signature", { algorithm: "ecdsaP384" }],
    ["the reason is no longer allowed", "reason", { allowedReasons: new Set([0, 4]) }],
  ])("refuses what was meant when %s", (_, fault, changes) => {
    expect(proveCRL(good, { ...expected, ...changes })).toBe(fault);
  });

  it("passes each kind as it was meant, and refuses it as another", () => {
    const kinds: Partial<CRLFields>[] = [
      { freshestCRL: URL },
      { baseCRLNumber: 998n },
      { issuingDistributionPoint: URL },
      { issuingDistributionPoint: `${URL}/` },
      { freshestCRL: `${URL}/` },
    ];
    for (const made of kinds) {
      for (const meant of kinds) {
        const fault = proveCRL(crl(made), { ...expected, ...meant });
        expect([made, meant, fault === undefined]).toEqual([made, meant, made === meant]);
      }
    }
  });

  it("refuses a delta whose base comes after it", () => {
    const kind = { baseCRLNumber: 1001n };
    expect(proveCRL(crl(kind), { ...expected, ...kind })).toBe("baseCRLNumber");
  });

  it("refuses a delta or shard whose extension is not critical", () => {
    const critical = "0101ff";
    for (const [kind, oid] of [
      [{ baseCRLNumber: 998n }, "0603551d1b"],
      [{ issuingDistributionPoint: URL }, "0603551d1c"],
    ] as const) {
      const tbs = Buffer.from(bufferOf({ ...fields, ...kind }, []).tbsCertList()).toString("hex");
      expect(tbs).toContain(oid + critical);
    }
  });

  it("notices every single bit that is not as it was", () => {
    for (let at = 0; at < good.length; at++) {
      expect(proveCRL(withFlippedBit(good, at), expected), `octet ${at}`).toBeDefined();
    }
  });

  it("lets go of the expected entries, also after a fault", () => {
    let released = 0;
    function* walk(): Generator<RevokedEntry> {
      try {
        yield* entries;
        yield third;
      } finally {
        released++;
      }
    }
    expect(proveCRL(good, { ...expected, entries: walk() })).toBe("entries");
    expect(proveCRL(good.subarray(0, -1), { ...expected, entries: walk() })).toBe("encoding");
    expect(released).toBe(2);
  });
});
