import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { startSigningPool } from "../../src/signing/pool.ts";
import { makeFaultyToken } from "../support/faulty-token.ts";
import { needs } from "../support/has-program.ts";
import { makeKindPki } from "../support/key-kinds.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { answerJob, goodHead } from "./answer-job.ts";

const it = needs("softhsm2-util", INSTALL_SOFTHSM);
const THREADS = 4;

it("threads that begin at once initialise the library one after the other, and all sign", async () => {
  const token = makeFaultyToken();
  Object.assign(process.env, token.env);
  const pki = makeKindPki("P-256");
  const keyFile = token.importKey("P-256", readFileSync(pki.signer.key, "utf8"));
  const pool = startSigningPool(THREADS);
  const job = { ...answerJob(pki, [{ key: Buffer.of(1), value: goodHead() }]), keyFile };
  try {
    const jobs = Array.from({ length: 2 * THREADS }, () => pool.answers(job, "bulk"));
    expect(await Promise.all(jobs)).toHaveLength(jobs.length);
    expect(token.counted("overlaps")).toBe(0);
  } finally {
    await pool.close();
    token.remove();
    pki.remove();
  }
});
