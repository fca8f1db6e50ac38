import { Piscina } from "piscina";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { inTime } from "./in-time.ts";
import type {
  AnswerResult,
  CRLResult,
  Job,
  LiveResult,
  Probed,
  Signing,
  SigningThread,
} from "./jobs.ts";
import { ModuleGate } from "./module-gate.ts";

const WORKER = new URL("../../workers/sign.ts", import.meta.url).href;

/** A full queue means a fault upstream: users send few jobs at a time. */
const LONGEST_QUEUE = 10_000;

/** A token that takes longer hangs: so much for anything, and so much a row besides. */
const PATIENCE_MS = 15_000;
const ROW_PATIENCE_MS = 1_000;
const LONGEST_PATIENCE_MS = 600_000;

/** The lane of all keys in files. */
const FILES = "files";

/** The signing threads. Keys stay in them. */
export interface SigningPool extends Signing {
  /** Ends the threads; jobs that are under way are given up. */
  close(): Promise<void>;
}

/** Threads that share their fate: those of all key files, or of one token, which may hang. */
interface Lane {
  readonly bulk: Piscina;
  /** For what relying parties wait for. */
  readonly live: Piscina;
  /** One thread for revocations, so that none ever stands behind an import or a flood of nonces. */
  readonly urgent: Piscina;
}

/**
 * Starts the signing threads: `threads` for bulk work, half as many for live answers, and one for what is urgent;
 * and so again for each token, when its first job comes.
 */
export function startSigningPool(threads: number): SigningPool {
  const lanes = new Map<string, Lane>([[FILES, startLane(threads)]]);
  const gates = new Map<string, SharedArrayBuffer>();
  const laneOf = (key: string): Lane => {
    const name = laneName(key);
    const lane = lanes.get(name) ?? startLane(threads, moduleOf(key, gates));
    lanes.set(name, lane);
    return lane;
  };
  const run = (pick: keyof Lane, job: Job, patienceMs: number): Promise<unknown> => {
    const done = laneOf(job.keyFile)[pick].run(job);
    if (!isKeyURI(job.keyFile)) return done;
    const seconds = Math.round(patienceMs / 1000);
    return inTime(done, patienceMs, `the token did not answer within ${seconds} s`);
  };
  return {
    answers: (job, priority) =>
      run(priority, { kind: "answers", ...job }, rowsPatience(job.rows)) as Promise<AnswerResult>,
    live: (job) =>
      run("live", { kind: "live", ...job }, rowsPatience(job.rows)) as Promise<LiveResult>,
    crl: (job) => run("bulk", { kind: "crl", ...job }, LONGEST_PATIENCE_MS) as Promise<CRLResult>,
    probe: (key) => run("urgent", { kind: "probe", ...key }, PATIENCE_MS) as Promise<Probed>,
    close: async () => {
      const pools = [...lanes.values()].flatMap(({ bulk, live, urgent }) => [bulk, live, urgent]);
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function startLane(threads: number, module?: SigningThread["module"]): Lane {
  const start = (niceness: number, most: number): Piscina =>
    new Piscina({
      filename: WORKER,
      minThreads: 1,
      maxThreads: most,
      idleTimeout: 60_000,
      maxQueue: LONGEST_QUEUE,
      workerData: { niceness, ...(module && { module }) } satisfies SigningThread,
    });
  return { bulk: start(10, threads), live: start(5, Math.ceil(threads / 2)), urgent: start(0, 1) };
}

/** Keys of one token share a lane; so do all files, which do not hang. */
function laneName(key: string): string {
  if (!isKeyURI(key)) return FILES;
  const uri = parseKeyURI(key);
  if ("problem" in uri) return FILES;
  return JSON.stringify([uri.modulePath, uri.token, uri.serial, uri.slotID]);
}

function moduleOf(key: string, gates: Map<string, SharedArrayBuffer>): SigningThread["module"] {
  const uri = parseKeyURI(key);
  if ("problem" in uri) throw new Error(`${key} ${uri.problem}`);
  const gate = gates.get(uri.modulePath) ?? ModuleGate.shared();
  gates.set(uri.modulePath, gate);
  return { path: uri.modulePath, gate };
}

/** By the octets of a task's rows: a row has more than 32. */
function rowsPatience(rows: Uint8Array): number {
  return PATIENCE_MS + (rows.length / 32) * ROW_PATIENCE_MS;
}
