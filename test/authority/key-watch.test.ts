import { expect, it } from "vitest";
import { KeyWatch } from "../../src/authority/key-watch.ts";
import { createLogger } from "../../src/observe/logger.ts";
import type { Probed } from "../../src/signing/jobs.ts";
import type { SigningPool } from "../../src/signing/pool.ts";
import { answerJob } from "../signing/answer-job.ts";
import { makePki } from "../support/openssl-pki.ts";

const KEY = { keyFile: "pkcs11:token=a", certificate: Buffer.of(1) };

/** Signing whose jobs end when and as the test says. */
function signing(): { pool: SigningPool; fail: (() => void)[]; found: Probed } {
  const fail: (() => void)[] = [];
  const made = { fail, found: { state: "signs", rate: 1 } as Probed };
  const job = (): Promise<never> =>
    new Promise((_, reject) => fail.push(() => reject(new Error("the token was lost"))));
  const probe = async (): Promise<Probed> => made.found;
  const close = async (): Promise<void> => undefined;
  return Object.assign(made, { pool: { answers: job, live: job, crl: job, probe, close } });
}

it("a job that fails late says nothing of a key that has come back meanwhile", async () => {
  const { pool, fail } = signing();
  const watch = new KeyWatch(pool, createLogger("authority"));
  const pki = makePki({ algorithm: "ec", leaves: 0 });
  const job = { ...answerJob(pki, []), ...KEY };
  pki.remove();
  const [first, late] = [watch.answers(job, "bulk"), watch.answers(job, "bulk")];
  fail[0]?.();
  await expect(first).rejects.toThrow("the token was lost");
  expect(watch.stateOf(KEY).fault).toBe("the token was lost");
  await watch.probe(KEY);
  expect(watch.stateOf(KEY).fault).toBeNull();
  fail[1]?.();
  await expect(late).rejects.toThrow("the token was lost");
  expect(watch.stateOf(KEY).fault).toBeNull();

  const next = watch.answers(job, "bulk");
  fail[2]?.();
  await expect(next).rejects.toThrow("the token was lost");
  expect(watch.stateOf(KEY).fault).toBe("the token was lost");
  await watch.close();
});
