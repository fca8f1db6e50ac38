import { createPrivateKey, sign, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { assembleTbs } from "../../src/ocsp/answer.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import type { AnswerJob, AnswerResult } from "../../src/signing/jobs.ts";
import { unpackPairs } from "../../src/signing/packing.ts";
import type { SigningPool } from "../../src/signing/pool.ts";
import { signAnswers } from "../../src/signing/sign-answers.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import { answerJob } from "./answer-job.ts";
import { type BenchPki, issue } from "./pki.ts";

/** One way to sign answers and verify them. */
export interface PresignWay {
  readonly name: string;
  /** Does a job's worth; gives the number of answers. */
  readonly work: () => number | Promise<number>;
}

/** Records in a job, as the authority cuts them. */
const RECORDS_PER_JOB = { "P-256": 512, "RSA-2048": 128 } as const;
/** A record has an answer for each of two hashes. */
const ANSWERS_PER_RECORD = 2;
const DIFFERENT_JOBS = 8;
/** Jobs at the pool, so that its thread never waits for the next. */
const JOBS_AT_ONCE = 2;

/** The bare loop first, then what the signing worker does: called here, and through the pool. */
export function presignWays(pki: BenchPki, pool: SigningPool): PresignWay[] {
  const records = RECORDS_PER_JOB[pki.algorithm];
  const jobs = Array.from({ length: DIFFERENT_JOBS }, () => answerJob(pki, issue(records)));
  let at = 0;
  const nextJob = (): AnswerJob => jobs[at++ % jobs.length] as AnswerJob;
  return [
    { name: "bare loop of crypto.sign and crypto.verify", work: bareLoop(pki, jobs) },
    {
      name: "signAnswers in this thread",
      work: () => answersIn(signAnswers(nextJob()), records),
    },
    {
      name: "through the pool, one thread",
      work: async () => {
        const asked = Array.from({ length: JOBS_AT_ONCE }, () => pool.answers(nextJob(), "bulk"));
        const results = await Promise.all(asked);
        return results.reduce((sum, result) => sum + answersIn(result, records), 0);
      },
    },
  ];
}

/** Signs and verifies the octets of the jobs' answers, and nothing else. */
function bareLoop(pki: BenchPki, jobs: readonly AnswerJob[]): () => number {
  const privateKey = createPrivateKey(readFileSync(pki.signerKey));
  const { publicKey } = new X509Certificate(readFileSync(pki.signerCertificate));
  const octets = jobs.map(tbsOctets);
  let at = 0;
  return () => {
    const batch = octets[at++ % octets.length] ?? [];
    for (const tbs of batch) {
      const signature = sign("sha256", tbs, privateKey);
      if (!verify("sha256", tbs, publicKey, signature)) throw new Error("a signature is wrong");
    }
    return batch.length;
  };
}

function tbsOctets({ issuer, signer, rows }: AnswerJob): Buffer[] {
  const templates = (["sha1", "sha256"] as const).map((hash) => {
    return answerTemplate(issuer, signer, hash);
  });
  return [...unpackPairs(rows)].flatMap(({ key, value }) =>
    templates.map((template) => assembleTbs(template, serialNumberFromDer(key), value)),
  );
}

function answersIn({ faults }: AnswerResult, records: number): number {
  if (faults.length > 0) throw new Error(`proof failed: ${JSON.stringify(faults[0])}`);
  return records * ANSWERS_PER_RECORD;
}
