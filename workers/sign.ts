import { getPriority, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import type {
  AnswerResult,
  CRLResult,
  Job,
  LiveResult,
  Probed,
  SigningThread,
} from "../src/signing/jobs.ts";
import { ModuleGate, shareGate } from "../src/signing/module-gate.ts";
import { probeKey } from "../src/signing/probe.ts";
import { signAnswers } from "../src/signing/sign-answers.ts";
import { signCRL } from "../src/signing/sign-crl.ts";
import { signLive } from "../src/signing/sign-live.ts";

// With an await here Piscina has to import this file. It would `require` it, and a thread that is ended in the
// middle of that takes the whole process with it (Node 26.10: an assertion of CreateRequiredModuleFacade fails).
await undefined;

const { niceness, module } = workerData as SigningThread;
// On Linux this is the thread's own priority: bulk signing gives way to whoever waits for an answer.
// Never above the process, which nice(1) or the unit may have lowered: only root may raise it again.
setPriority(Math.max(getPriority(), niceness));
if (module) shareGate(module.path, new ModuleGate(module.gate));

/** The signing thread: one job in, its result out; a key that cannot be used rejects. */
export default function sign(job: Job): AnswerResult | LiveResult | CRLResult | Probed {
  switch (job.kind) {
    case "answers":
      return signAnswers(job);
    case "live":
      return signLive(job);
    case "crl":
      return signCRL(job);
    case "probe":
      return probeKey(job);
  }
}
