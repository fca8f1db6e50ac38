import { assembleResponse } from "../../src/ocsp/answer.ts";
import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import { type CertRecord, encodeRecordHead, signatureRange } from "../../src/ocsp/record.ts";
import { answerTemplate, type IssuerParts, type SignerParts } from "../../src/ocsp/template.ts";
import type { AnswerJob } from "../../src/signing/jobs.ts";
import { packPairs, unpackPairs } from "../../src/signing/packing.ts";
import { signAnswers } from "../../src/signing/sign-answers.ts";
import { type Certificate, keyHash, nameHash } from "../../src/x509/certificate.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import type { BenchPki, Issued } from "./pki.ts";
import { readPem } from "./questions.ts";

const HOUR = 3600;
const REVOCATION_DATE = Date.UTC(2025, 2, 1, 12) / 1000;
const NOT_AFTER = Date.UTC(2049, 11, 31, 23, 59, 59) / 1000;
const KEY_COMPROMISE = 1;

/** The job that a signing worker gets for these certificates: answers for both hashes. */
export function answerJob(pki: BenchPki, issued: readonly Issued[]): AnswerJob {
  const ca = readPem(pki.caCertificate);
  const signer = readPem(pki.signerCertificate);
  const now = Math.floor(Date.now() / 1000);
  const rows = issued.map((one) => ({
    key: Buffer.from(one.serialNumber, "hex"),
    value: encodeRecordHead(recordOf(one, now)),
  }));
  return {
    kind: "answers",
    keyFile: pki.signerKey,
    certificate: signer.der,
    issuer: issuerParts(ca),
    signer: signerParts(signer, pki.algorithm),
    rows: packPairs(rows),
    secondLook: "one",
  };
}

/** Whole OCSPResponses (SHA-1) for these certificates, as Vouch signs and assembles them. */
export function presignedAnswers(pki: BenchPki, issued: readonly Issued[]): Buffer[] {
  const job = answerJob(pki, issued);
  const template = answerTemplate(job.issuer, job.signer, "sha1");
  return [...unpackPairs(signAnswers(job).records)].map(({ key, value }) => {
    const range = signatureRange(value, value.length, "sha1");
    if (!range) throw new Error("an answer for the bench could not be signed and proved");
    const signature = value.subarray(range.start, range.end);
    return assembleResponse(template, serialNumberFromDer(key), value, signature);
  });
}

function recordOf({ status }: Issued, now: number): CertRecord {
  const revoked = status === "revoked";
  return {
    status,
    reason: revoked ? KEY_COMPROMISE : 0,
    revocationDate: revoked ? REVOCATION_DATE : 0,
    invalidityDate: undefined,
    notAfter: NOT_AFTER,
    version: 1,
    hashes: ["sha1", "sha256"],
    signer: 1,
    thisUpdate: now - HOUR / 12,
    producedAt: now,
    nextUpdate: now + 24 * HOUR,
  };
}

function issuerParts(ca: Certificate): IssuerParts {
  const names = Object.keys(HASHES) as HashName[];
  const each = (make: (hash: HashName) => Uint8Array): Record<HashName, Uint8Array> =>
    Object.fromEntries(names.map((hash) => [hash, make(hash)])) as Record<HashName, Uint8Array>;
  return {
    nameHash: each((hash) => nameHash(ca.subject, hash)),
    keyHash: each((hash) => keyHash(ca, hash)),
    notBefore: ca.notBefore,
  };
}

function signerParts(signer: Certificate, algorithm: BenchPki["algorithm"]): SignerParts {
  const elliptic = algorithm === "P-256";
  return {
    number: 1,
    certificate: signer.der,
    keyHash: keyHash(signer, "sha1"),
    algorithm: elliptic ? "ecdsaP256" : "rsaPkcs1",
    signatureSize: elliptic ? 64 : 256,
    direct: false,
    notAfter: signer.notAfter,
    archive: "forever",
  };
}
