import { issuerParts, signerParts } from "../authority/issuer.ts";
import type { IssuerConfig } from "../config/config.ts";
import type { UnixSeconds } from "../der/time.ts";
import { assembleResponse } from "../ocsp/answer.ts";
import {
  type CertRecord,
  encodeRecordHead,
  goodStatus,
  type PresignedHash,
  recordStatus,
  signatureRange,
} from "../ocsp/record.ts";
import { type AnswerTemplate, answerTemplate } from "../ocsp/template.ts";
import type { AnswerJob, AnswerResult } from "../signing/jobs.ts";
import { packPairs, unpackPairs } from "../signing/packing.ts";
import { signAnswers } from "../signing/sign-answers.ts";
import { TokenProcesses } from "../signing/token-processes.ts";
import type { Certificate } from "../x509/certificate.ts";
import { CRLReason } from "../x509/reason.ts";
import { serialNumberFromDer } from "../x509/serial-number.ts";
import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";

/** An answer that was made to be looked at, and goes nowhere. */
export interface SampleAnswer {
  readonly der: Buffer;
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly hash: PresignedHash;
  readonly says: "good" | "revoked";
}

interface Sample {
  readonly issuer: IssuerConfig;
  readonly ca: Certificate;
  readonly certificate: Certificate;
  readonly key: string;
  readonly now: UnixSeconds;
  readonly serialNumber: Buffer;
}

type Made =
  | { readonly answers: readonly SampleAnswer[]; readonly algorithm: SignatureAlgorithm }
  | { readonly check: "key" | "answers"; readonly fault: string };

/** Answers, good and revoked, for each hash, signed and proved as those that are served; or why there are none. */
export async function sampleAnswers(sample: Sample): Promise<Made> {
  const { issuer, ca, certificate, key } = sample;
  const { archive } = issuer.ocsp;
  const signer = signerParts(certificate, ca, { number: 0, archive });
  const job = {
    kind: "answers",
    keyFile: key,
    certificate: certificate.der,
    issuer: issuerParts(ca),
    signer,
    rows: packPairs(heads(sample).map((value) => ({ key: sample.serialNumber, value }))),
    secondLook: "every",
  } as const;
  try {
    const { records, faults } = await signed(job);
    const [first] = faults;
    if (first)
      return { check: "answers", fault: `an answer by it fails its proof: ${first.fault}` };
    const answers = [...unpackPairs(records)].flatMap(({ value }) =>
      issuer.ocsp.hashes.map((hash) => {
        const { start = 0, end = 0 } = signatureRange(value, value.length, hash) ?? {};
        return answer(sample, value, hash, {
          template: answerTemplate(job.issuer, signer, hash),
          signature: value.subarray(start, end),
        });
      }),
    );
    return { answers, algorithm: signer.algorithm };
  } catch (error) {
    return { check: "key", fault: (error as Error).message };
  }
}

/** With a key in a token in a process of its own, whose library may hang or crash. */
async function signed(job: AnswerJob): Promise<AnswerResult> {
  const tokens = new TokenProcesses(1);
  try {
    return (await tokens.of(job.keyFile)?.run("urgent", job)) ?? signAnswers(job);
  } finally {
    await tokens.close();
  }
}

function answer(
  { serialNumber }: Sample,
  record: Buffer,
  hash: PresignedHash,
  made: { readonly template: AnswerTemplate; readonly signature: Buffer },
): SampleAnswer {
  const serial = serialNumberFromDer(serialNumber);
  return {
    der: assembleResponse(made.template, serial, record, made.signature),
    serialNumber: serialNumber.toString("hex"),
    hash,
    says: recordStatus(record) === "good" ? "good" : "revoked",
  };
}

/** A good and a revoked record, without signatures. */
function heads({ issuer, certificate, now }: Sample): Buffer[] {
  const { hashes, validitySeconds } = issuer.ocsp;
  const good: CertRecord = {
    ...goodStatus(undefined),
    hashes,
    signer: 0,
    thisUpdate: now,
    producedAt: now,
    nextUpdate: Math.min(now + validitySeconds, certificate.notAfter) - 1,
  };
  const revoked = {
    status: "revoked",
    reason: CRLReason.keyCompromise,
    revocationDate: now,
  } as const;
  return [good, { ...good, ...revoked }].map(encodeRecordHead);
}
