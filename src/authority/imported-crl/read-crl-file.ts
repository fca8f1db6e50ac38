import { Worker } from "node:worker_threads";
import type { CRLReading, CRLReadingResult } from "../../crl/foreign-crl-reader.ts";

const WORKER = new URL("../../../workers/read-crl.ts", import.meta.url);
/** What a CRL of ten million entries needs; more is a fault, and ends the thread alone. */
const LIMITS = { maxOldGenerationSizeMb: 512 };

/**
 * Reads a CRL's file in a thread of its own, so that parsing and sorting a million entries keeps no
 * revocation waiting. Rejects where a file cannot be read or written.
 */
export function readCRLFile(reading: CRLReading): Promise<CRLReadingResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: reading, resourceLimits: LIMITS });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the thread that read a CRL ended (${code})`)));
  });
}
