import type { AnswerResult, CRLResult, Job } from "../src/signing/jobs.ts";
import { signingKey } from "../src/signing/keys.ts";
import { signAnswers } from "../src/signing/sign-answers.ts";
import { signCRL } from "../src/signing/sign-crl.ts";

/** The signing thread: one job in, its result out; a key that cannot be used rejects. */
export default function sign(job: Job): AnswerResult | CRLResult | undefined {
  switch (job.kind) {
    case "answers":
      return signAnswers(job);
    case "crl":
      return signCRL(job);
    case "probe":
      signingKey(job);
      return undefined;
  }
}
