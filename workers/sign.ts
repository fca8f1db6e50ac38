import { getPriority, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import type { Job, JobResults, SigningThread } from "../src/signing/jobs.ts";
import { probeKey } from "../src/signing/probe.ts";
import { SharedModule, shareModule } from "../src/signing/shared-module.ts";
import { signAnswers } from "../src/signing/sign-answers.ts";
import { signCRL } from "../src/signing/sign-crl.ts";
import { signLive } from "../src/signing/sign-live.ts";
import { signRequest, tokenPublicKey } from "../src/signing/token-request.ts";

// With an await here Piscina has to import this file. It would `require` it, and a thread that is ended in the
// middle of that takes the whole process with it (Node 26.10: an assertion of CreateRequiredModuleFacade fails).
await undefined;

const { niceness, module } = workerData as SigningThread;
// On Linux this is the thread's own priority: bulk signing gives way to whoever waits for an answer.
// Never above the process, which nice(1) or the unit may have lowered: only root may raise it again.
setPriority(Math.max(getPriority(), niceness));
if (module) shareModule(module.path, new SharedModule(module.shared));

/** The signing thread: one job in, its result out; a key that cannot be used rejects. */
export default function sign(job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "answers":
      return signAnswers(job);
    case "live":
      return signLive(job);
    case "crl":
      return signCRL(job);
    case "probe":
      return probeKey(job);
    case "publicKey":
      return tokenPublicKey(job);
    case "request":
      return signRequest(job);
  }
}
