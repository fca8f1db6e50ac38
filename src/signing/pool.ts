import { Piscina } from "piscina";
import type { Signing, SigningThread, SigningThreads, Urgency } from "./jobs.ts";
import { TokenProcesses } from "./token-processes.ts";

const WORKER = new URL("../../workers/sign.ts", import.meta.url).href;

/** A full queue means a fault upstream: users send few jobs at a time. */
const LONGEST_QUEUE = 10_000;

/** The signing threads. Keys stay in them. */
export interface SigningPool extends Signing {
  /** Ends the threads; jobs that are under way are given up. */
  close(): Promise<void>;
}

/**
 * Starts the signing threads: `threads` for bulk work, half as many for live answers, and one for what is urgent;
 * and so again for each token, in a process of its own, when its first job comes.
 */
export function startSigningPool(threads: number): SigningPool {
  const files = startThreads(threads);
  const tokens = new TokenProcesses(threads);
  const run: SigningThreads["run"] = (urgency, job) =>
    (tokens.of(job.keyFile) ?? files).run(urgency, job);
  return {
    answers: (job, priority) => run(priority, { kind: "answers", ...job }),
    live: (job) => run("live", { kind: "live", ...job }),
    crl: (job) => run("bulk", { kind: "crl", ...job }),
    probe: (key) => run("urgent", { kind: "probe", ...key }),
    close: async () => {
      await Promise.all([files.close(), tokens.close()]);
    },
  };
}

/** Threads in this process; none that is urgent ever stands behind an import or a flood of nonces. */
export function startThreads(threads: number, module?: SigningThread["module"]): SigningThreads {
  const start = (niceness: number, most: number): Piscina =>
    new Piscina({
      filename: WORKER,
      minThreads: module ? 0 : 1,
      maxThreads: most,
      // A thread of a token that ended would leave its sessions open; tokens have few, and the process stays.
      idleTimeout: module ? Number.POSITIVE_INFINITY : 60_000,
      maxQueue: LONGEST_QUEUE,
      workerData: { niceness, ...(module && { module }) } satisfies SigningThread,
    });
  const pools: Readonly<Record<Urgency, Piscina>> = {
    bulk: start(10, threads),
    live: start(5, Math.ceil(threads / 2)),
    urgent: start(0, 1),
  };
  return {
    run: (urgency, job) => pools[urgency].run(job),
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()));
    },
  };
}
