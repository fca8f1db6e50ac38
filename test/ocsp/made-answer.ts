import { type KeyObject, sign } from "node:crypto";
import { assembleResponse, assembleTbs } from "../../src/ocsp/answer.ts";
import type { Expected } from "../../src/ocsp/proof.ts";
import { type CertRecord, encodeRecordHead, type PresignedHash } from "../../src/ocsp/record.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import { parseSerialNumber, type SerialNumber } from "../../src/x509/serial-number.ts";
import type { GoldenSigner } from "./golden-signer.ts";

/** One answer to be made. */
export interface Planned {
  readonly by: GoldenSigner;
  readonly hash: PresignedHash;
  readonly serialNumber: SerialNumber;
  readonly record: CertRecord;
}

/** Signs as records keep it: r and s in fixed length, or RSA's octets. */
export type Sign = (octets: Uint8Array, privateKey: KeyObject) => Uint8Array;

const signByNode: Sign = (octets, key) =>
  sign("sha256", octets, { key, dsaEncoding: "ieee-p1363" });

/** The OCSPResponse, by the way that answers take: record, tbsResponseData, signature, response. */
export function madeAnswer(planned: Planned, signWith: Sign = signByNode): Buffer {
  const { by, hash, serialNumber, record } = planned;
  const template = answerTemplate(by.issuer, by.signer, hash);
  const head = encodeRecordHead(record);
  const signature = signWith(assembleTbs(template, serialNumber, head), by.privateKey);
  return assembleResponse(template, serialNumber, head, signature);
}

/** What the answer must say. */
export function expectedOf({ by, ...planned }: Planned): Expected {
  return { ...planned, issuer: by.issuer, signer: by.signer, publicKey: by.publicKey };
}

const AT = Date.UTC(2026, 11, 1) / 1000;

/** A good record of December 2026 for a certificate that lives until 2028, with these changes. */
export function goodRecord(changes: Partial<CertRecord> = {}): CertRecord {
  return {
    status: "good",
    reason: 0,
    revocationDate: 0,
    invalidityDate: undefined,
    notAfter: Date.UTC(2028, 0, 1) / 1000,
    version: 7,
    hashes: ["sha1", "sha256"],
    signer: 1,
    thisUpdate: AT,
    producedAt: AT + 300,
    nextUpdate: AT + 86_399,
    ...changes,
  };
}

/** The same, revoked for keyCompromise a month before. */
export function revokedRecord(changes: Partial<CertRecord> = {}): CertRecord {
  const revocationDate = Date.UTC(2026, 10, 1, 2, 3, 4) / 1000;
  return goodRecord({ status: "revoked", reason: 1, revocationDate, ...changes });
}

/** A serial number that must be one. */
export function serial(text: string): SerialNumber {
  const serialNumber = parseSerialNumber(text);
  if (!serialNumber) throw new Error(`${text} is no serial number`);
  return serialNumber;
}
