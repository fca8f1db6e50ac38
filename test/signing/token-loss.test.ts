import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { hasProgram, needs } from "../support/has-program.ts";
import { argumentsOf, descendants } from "../support/processes.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";
import { makeTokenSite, type TokenSite } from "./token-site.ts";

/* A token with two issuers' keys that is lost and comes back while four threads sign with both. */

const it = needs("softhsm2-util", INSTALL_SOFTHSM);
const THREADS = 4;
const LOSSES = 3;

let site: TokenSite;

beforeAll(() => {
  if (hasProgram("softhsm2-util")) site = makeTokenSite(THREADS, "one", "two");
});
afterAll(() => site?.close());

const tokenProcesses = (): number[] =>
  descendants(process.pid).filter((pid) => argumentsOf(pid).some((one) => /token\.ts$/.test(one)));

const both = (records: number): Promise<number>[] =>
  Array.from({ length: 2 * THREADS }, (_, i) => site.sign(site.signers[i % 2], records));

const untilSigns = async (): Promise<void> => {
  for (const signer of site.signers) {
    const what = `the key "${signer.label}" to sign`;
    await until(async () => (await site.probe(signer)).state === "signs", { what });
  }
};

it("each thread has one session, for both keys, however often it signs", async () => {
  await Promise.all(both(100));
  await Promise.all(both(100));
  await untilSigns();
  const open = (): number => site.token.counted("opened") - site.token.counted("closed");
  // One more thread is for what is urgent.
  expect(open()).toBeLessThanOrEqual(THREADS + 1);
  await Promise.all(both(200));
  expect(open()).toBeLessThanOrEqual(THREADS + 1);
});

it("a thread that can open no session is not left for one whose session still works", async () => {
  await site.restart();
  // The urgent thread has a session now, and no other.
  await untilSigns();
  site.token.takeAway();
  await expect(site.sign()).rejects.toThrow(/no slot has the token|failed: CKR_/);
  site.token.bringBack();
  await untilSigns();
  expect(await Promise.all(both(20))).toEqual(Array(2 * THREADS).fill(20));
}, 60_000);

it("signs again after each loss, with the right key, and leaves neither process nor file open", async () => {
  await untilSigns();
  const files = (): number =>
    tokenProcesses().reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
  await Promise.all(both(20));
  const before = files();
  for (let loss = 0; loss < LOSSES; loss++) {
    const underWay = Promise.allSettled(both(50));
    site.token.takeAway();
    for (const signer of site.signers) await site.probe(signer);
    site.token.bringBack();
    for (const one of await underWay) {
      if (one.status === "rejected")
        expect(String(one.reason)).not.toMatch(/another certificate|SIG/);
    }
    await untilSigns();
    expect(await Promise.all(both(5))).toEqual(Array(2 * THREADS).fill(5));
  }
  await until(() => tokenProcesses().length === 1, { what: "the processes of before to end" });
  expect(files()).toBeLessThanOrEqual(before);
  // Nobody may finalise a library under a thread that has a session (PKCS #11 5.4).
  expect(site.token.counted("finalized")).toBe(0);
}, 120_000);
