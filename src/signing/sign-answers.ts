import { X509Certificate } from "node:crypto";
import { assembleResponse, assembleTbs } from "../ocsp/answer.ts";
import type { HashName } from "../ocsp/hash.ts";
import { type Expected, type Fault, proveAnswer } from "../ocsp/proof.ts";
import {
  decodeRecord,
  PRESIGNED_HASHES,
  type PresignedHash,
  recordAnswers,
} from "../ocsp/record.ts";
import { type AnswerTemplate, answerTemplate } from "../ocsp/template.ts";
import { type SerialNumber, serialNumberFromDer } from "../x509/serial-number.ts";
import type { AnswerJob, AnswerResult, RowFault } from "./jobs.ts";
import { type SigningKey, signingKey, signOctets } from "./keys.ts";
import { type Pair, packPairs, unpackPairs } from "./packing.ts";
import { secondLook } from "./second-look.ts";

/** Of fewer rows other things than signatures take much of the time. */
const LEAST_MEASURED = 8;

type Templates = Readonly<Record<PresignedHash, AnswerTemplate>>;

/**
 * Signs the answers of each row and proves each as it will be served. No answer leaves without proof: a
 * row in which any answer fails comes back without signatures and with its fault.
 */
export function signAnswers(job: AnswerJob): AnswerResult {
  const began = performance.now();
  // Proved against the certificate that the answers name: that is the one relying parties verify with.
  const { publicKey } = new X509Certificate(job.signer.certificate);
  const key = { ...signingKey(job), publicKey };
  const templates: Templates = {
    sha1: answerTemplate(job.issuer, job.signer, "sha1"),
    sha256: answerTemplate(job.issuer, job.signer, "sha256"),
  };
  const unseen = new Set<HashName | "any">(newTemplates(job));
  const records: Pair[] = [];
  const faults: RowFault[] = [];
  for (const { key: serial, value: head } of unpackPairs(job.rows)) {
    const row = records.length;
    if (job.secondLook === "every" || row === 0) unseen.add("any");
    const signed = signRow(job, key, templates, serialNumberFromDer(serial), head, unseen);
    if (typeof signed === "string") faults.push({ row, fault: signed });
    records.push({ key: serial, value: typeof signed === "string" ? Buffer.alloc(0) : signed });
  }
  return { records: packPairs(records), faults, rate: signatureRate(records, began) };
}

/** Signatures a second since `began`, or null where that says little. */
function signatureRate(records: readonly Pair[], began: number): number | null {
  const signed = records.filter(({ value }) => value.length > 0);
  if (signed.length < LEAST_MEASURED) return null;
  const seconds = (performance.now() - began) / 1000;
  return signed.reduce((sum, { value }) => sum + recordAnswers(value), 0) / seconds;
}

/**
 * The record with its signatures, or the first fault. `unseen` says of which answers pkijs is to see the next
 * one: of these hashes, or of any.
 */
function signRow(
  job: AnswerJob,
  key: SigningKey,
  templates: Templates,
  serialNumber: SerialNumber,
  head: Buffer,
  unseen: Set<HashName | "any">,
): Buffer | Fault {
  const record = decodeRecord(head);
  const parts: Buffer[] = [head];
  for (const hash of record.hashes) {
    const template = templates[hash];
    const signature = signOctets(key, assembleTbs(template, serialNumber, head));
    const answer = assembleResponse(template, serialNumber, head, signature);
    const { issuer, signer } = job;
    const expected: Expected = {
      issuer,
      signer,
      publicKey: key.publicKey,
      hash,
      serialNumber,
      record,
    };
    const fault = proveAnswer(answer, expected) ?? sizeFault(signature, signer.signatureSize);
    if (fault) return fault;
    if (unseen.size > 0) {
      const second = lookAt(job, answer, expected, unseen);
      if (second) return second;
    }
    parts.push(signature);
  }
  return Buffer.concat(parts);
}

/** Templates of which this thread has had an answer looked at. */
const seenTemplates = new Set<string>();

function newTemplates(job: AnswerJob): PresignedHash[] {
  return PRESIGNED_HASHES.filter((hash) => !seenTemplates.has(templateName(job, hash)));
}

/** What pkijs finds wrong with an answer, if it is to see this one. */
function lookAt(
  job: AnswerJob,
  answer: Uint8Array,
  expected: Expected,
  unseen: Set<HashName | "any">,
): Fault | undefined {
  const isNew = unseen.delete(expected.hash);
  if (!unseen.delete("any") && !isNew) return undefined;
  const fault = secondLook(answer, expected);
  if (fault === undefined) seenTemplates.add(templateName(job, expected.hash));
  return fault;
}

function templateName({ issuer, signer }: AnswerJob, hash: HashName): string {
  const keys = [issuer.keyHash.sha256, signer.keyHash].map((key) =>
    Buffer.from(key).toString("hex"),
  );
  return [...keys, signer.number, hash].join(" ");
}

/** Records keep signatures in fixed length; another length would shift the one after it. */
function sizeFault(signature: Uint8Array, size: number): Fault | undefined {
  return signature.length === size ? undefined : "size";
}
