import { Piscina } from "piscina";
import type { AnswerResult, CRLResult, Job, LiveResult, Signing, SigningThread } from "./jobs.ts";

const WORKER = new URL("../../workers/sign.ts", import.meta.url).href;

/** A full queue means a fault upstream: users send few jobs at a time. */
const LONGEST_QUEUE = 10_000;

/** The signing threads. Keys stay in them. */
export interface SigningPool extends Signing {
  /** Ends the threads; jobs that are under way are given up. */
  close(): Promise<void>;
}

/**
 * Starts the signing threads: `threads` for bulk work, as many for what relying parties wait for, and one that
 * is kept for revocations, so that none ever stands behind an import or a flood of nonces.
 */
export function startSigningPool(threads: number): SigningPool {
  const bulk = new Piscina({
    filename: WORKER,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 60_000,
    maxQueue: LONGEST_QUEUE,
    workerData: { niceness: 10 } satisfies SigningThread,
  });
  const urgent = new Piscina({
    filename: WORKER,
    minThreads: 1,
    maxThreads: 1,
    maxQueue: LONGEST_QUEUE,
    workerData: { niceness: 0 } satisfies SigningThread,
  });
  const live = new Piscina({
    filename: WORKER,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 60_000,
    maxQueue: LONGEST_QUEUE,
    workerData: { niceness: 5 } satisfies SigningThread,
  });
  const run = (pool: Piscina, job: Job): Promise<unknown> => pool.run(job);
  return {
    answers: (job, priority) =>
      run(priority === "urgent" ? urgent : bulk, {
        kind: "answers",
        ...job,
      }) as Promise<AnswerResult>,
    live: (job) => run(live, { kind: "live", ...job }) as Promise<LiveResult>,
    crl: (job) => run(bulk, { kind: "crl", ...job }) as Promise<CRLResult>,
    probe: async (key) => {
      await run(urgent, { kind: "probe", ...key });
    },
    close: async () => {
      await Promise.all([bulk.destroy(), live.destroy(), urgent.destroy()]);
    },
  };
}
