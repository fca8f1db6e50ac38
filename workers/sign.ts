import { setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import type {
  AnswerResult,
  CRLResult,
  Job,
  LiveResult,
  SigningThread,
} from "../src/signing/jobs.ts";
import { signingKey } from "../src/signing/keys.ts";
import { signAnswers } from "../src/signing/sign-answers.ts";
import { signCRL } from "../src/signing/sign-crl.ts";
import { signLive } from "../src/signing/sign-live.ts";

// With an await here Piscina has to import this file. It would `require` it, and a thread that is ended in the
// middle of that takes the whole process with it (Node 26.10: an assertion of CreateRequiredModuleFacade fails).
await undefined;

// On Linux this is the thread's own priority: bulk signing gives way to whoever waits for an answer.
setPriority((workerData as SigningThread).niceness);

/** The signing thread: one job in, its result out; a key that cannot be used rejects. */
export default function sign(job: Job): AnswerResult | LiveResult | CRLResult | undefined {
  switch (job.kind) {
    case "answers":
      return signAnswers(job);
    case "live":
      return signLive(job);
    case "crl":
      return signCRL(job);
    case "probe":
      signingKey(job);
      return undefined;
  }
}
