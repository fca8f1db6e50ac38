import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { issueSigner } from "../setup/planted.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { type FaultyToken, makeFaultyToken } from "../support/faulty-token.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { caCertID } from "../support/live-request.ts";
import { postOcsp } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { goodCsv, type Site, startSite } from "../support/site.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";

/* kill -9 while a withdrawn signer's answers are signed anew, by a signer whose token takes a while. */

const it = hasProgram("cc")
  ? needs("softhsm2-util", INSTALL_SOFTHSM)
  : needs("cc", "apt-get install gcc libc6-dev");
const SLOW = "slow C_Sign 30";

const FIRST = "7e57";
const COUNT = 2_500;
const serials = Array.from({ length: COUNT }, (_, i) => (0x2000_0000 + i).toString(16));
const [first = "", last = ""] = [serials[0], serials.at(-1)];

let pki: Pki;
let site: Site;
let running: Daemon;
let hsm: FaultyToken;
let withdrawn: Buffer;

beforeAll(async () => {
  if (!hasProgram("cc") || !hasProgram("softhsm2-util")) return;
  pki = makePki({ algorithm: "ec", leaves: 1 });
  hsm = makeFaultyToken();
  hsm.become(SLOW);
  const { certificate, key } = issueSigner(pki);
  const second = { certificate, key: hsm.importKey("second", readFileSync(key)) };
  withdrawn = new X509Certificate(readFileSync(pki.signer.certificate)).raw;
  const daemon = { env: hsm.env };
  const ocsp = { signers: [pki.signer, second], nonce: "ignore", hashes: ["sha1"] };
  site = await startSite({ issuers: [{ name: "gov-1", pki, ocsp, crl: false }], daemon });
  running = site.daemon;
  const list = join(site.places.folder, "list.csv");
  writeFileSync(list, goodCsv(serials));
  const done = await site.vouch(["import", "gov-1", list, "--format", "csv"], { timeout: 300_000 });
  expect(done.code, done.stderr).toBe(0);
}, 400_000);

afterAll(async () => {
  await running?.stop();
  await site?.close();
  hsm?.remove();
});

/** Who signed what OCSP says now: the withdrawn signer, the other, or nobody, since there is no answer. */
async function signerServed(serial: string): Promise<"withdrawn" | "other" | "nobody"> {
  const request = encodeRequest([caCertID(pki.caCertificate, serial, "sha1")], undefined);
  const { body } = await postOcsp(running.url, request);
  if (body.length <= 5) return "nobody";
  return body.includes(withdrawn) ? "withdrawn" : "other";
}

async function served(every: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let i = 0; i < COUNT; i += every) seen.add(await signerServed(serials[i] as string));
  return seen.add(await signerServed(last));
}

async function signersInStore(serial: string): Promise<string[]> {
  const { stdout } = await site.vouch(["status", "gov-1", serial, "--json"]);
  return (JSON.parse(stdout) as CertificateStatus).answers.map(({ signer }) => signer);
}

/** What `vouch signer withdraw` says when it is asked again: nothing is to change. */
async function progress(): Promise<{ isDone: boolean; replaced: number; sequence: number | null }> {
  const args = ["signer", "withdraw", "gov-1", FIRST, "--no-wait", "--json"];
  return JSON.parse((await site.vouch(args)).stdout);
}

describe("kill -9 while a withdrawn signer's answers are signed anew", () => {
  it("before: the withdrawn signer had signed them all", async () => {
    expect(await served(100)).toEqual(new Set(["withdrawn"]));
  });

  it("from the withdrawal on, and after the kill, none of its answers is served", async () => {
    const args = ["signer", "withdraw", "gov-1", FIRST, "--no-wait"];
    expect((await site.vouch(args)).code).toBe(0);
    // What is not signed anew yet is signed when it is asked for, or `tryLater`.
    expect((await served(50)).has("withdrawn")).toBe(false);
    await until(async () => (await progress()).replaced > 0, {
      what: "the first records to be signed anew",
      within: 300_000,
    });
    expect(await progress()).toMatchObject({ isDone: false, sequence: null });
    await running.kill9();
    running = await startDaemon(site.places, { env: hsm.env });
    expect((await served(20)).has("withdrawn")).toBe(false);
    const after = await progress();
    expect(after).toMatchObject({ isDone: false, sequence: null });
    expect(after.replaced).toBeLessThan(COUNT);
  }, 600_000);

  it("signing anew goes on by itself after the restart, to the end", async () => {
    hsm.become("sound");
    await until(async () => (await progress()).isDone, { what: "it to be done", within: 300_000 });
    expect(await served(1)).toEqual(new Set(["other"]));
    for (const serial of [first, serials[COUNT >> 1] ?? "", last]) {
      expect(await signersInStore(serial)).toHaveLength(1);
    }
    expect((await progress()).sequence).toBe(null);
  }, 600_000);
});
