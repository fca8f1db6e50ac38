import type { Fault } from "../../src/ocsp/proof.ts";
import type { CertRecord } from "../../src/ocsp/record.ts";
import type { SignerParts } from "../../src/ocsp/template.ts";
import type { SerialNumber } from "../../src/x509/serial-number.ts";
import { type GoldenSigner, goldenSigner } from "./golden-signer.ts";
import { goodRecord, type Planned, revokedRecord, serial } from "./made-answer.ts";

/*
 * Answers that are right, and answers that are not what was meant: each of those right in itself and signed
 * by the right key, so that only a comparison with the record finds it.
 */

export const ec: GoldenSigner = goldenSigner({ kind: "ec", by: "delegate" });
export const ecDirect: GoldenSigner = goldenSigner({ kind: "ec", by: "direct" });
export const rsa: GoldenSigner = goldenSigner({ kind: "rsa", by: "delegate" });
export const serialNumber: SerialNumber = serial("4fff982709f9c2593c10e906bd482b01");

export const good: Planned = { by: ec, hash: "sha256", serialNumber, record: goodRecord() };
export const revoked: Planned = { ...good, record: revokedRecord() };
const hold: Planned = { ...good, record: revokedRecord({ status: "hold", reason: 0 }) };
export const expired: Planned = {
  ...good,
  record: goodRecord({ notAfter: Date.UTC(2026, 0, 1) / 1000 }),
};

export const recorded = (planned: Planned, changes: Partial<CertRecord>): Planned => ({
  ...planned,
  record: { ...planned.record, ...changes },
});
export const signedBy = (signer: Partial<SignerParts>): GoldenSigner => ({
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
export const PLANTED: readonly [string, Fault, Planned, Planned][] = [
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
export const OUT_OF_ORDER: readonly [string, Planned][] = [
  ["nextUpdate at producedAt", recorded(good, { nextUpdate: producedAt })],
  ["nextUpdate before producedAt", recorded(good, { nextUpdate: producedAt - 1 })],
  ["nextUpdate at the end of the signer", { ...good, by: signedBy({ notAfter: nextUpdate }) }],
];

export const RIGHT: readonly [string, Planned][] = [
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
