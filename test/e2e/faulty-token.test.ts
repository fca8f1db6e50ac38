import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { SignerStatus } from "../../src/authority/admin-signer-types.ts";
import type { ChangeReport } from "../../src/authority/admin-types.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { type FaultyToken, makeFaultyToken } from "../support/faulty-token.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { ocspRequest, ocspSays, postOcsp, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { argumentsOf, authorityUnder, descendants } from "../support/processes.ts";
import { type Site, startSite } from "../support/site.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";

/*
 * Two issuers: the key of one is in a token whose library hangs, is slow or crashes, the other's in a file. There
 * is one signing thread. Answers live 20 seconds, so that a sweep that stands still shows soon.
 */

const it = hasProgram("cc")
  ? needs("softhsm2-util", INSTALL_SOFTHSM)
  : needs("cc", "apt-get install gcc libc6-dev");
const VALIDITY_SECONDS = 20;

let hsm: FaultyToken;
let site: Site;
/** Started later in the place of the site's. */
let daemon: Daemon | undefined;
let inToken: Pki;
let inFile: Pki;

beforeAll(async () => {
  if (!hasProgram("cc") || !hasProgram("softhsm2-util")) return;
  hsm = makeFaultyToken();
  inToken = makePki({ algorithm: "ec", name: "CA of the token", leaves: 40 });
  inFile = makePki({ algorithm: "ec", name: "CA of the file", leaves: 8 });
  const key = hsm.importKey("ocsp", readFileSync(inToken.signer.key));
  const signers = [{ certificate: inToken.signer.certificate, key }];
  const times = { validity: `${VALIDITY_SECONDS}s`, backdate: "2s" };
  const issuers = [
    // In key order the token's records come first.
    { name: "token", pki: inToken, ocsp: { ...times, signers }, crl: false as const },
    { name: "file", pki: inFile, ocsp: times, crl: false as const },
  ];
  site = await startSite({ issuers, daemon: { env: hsm.env } });
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
  hsm?.remove();
});

const leaf = (pki: Pki, index: number): string => pki.leaves[index]?.serialNumber ?? "";

async function revoke(issuer: string, serial: string): Promise<ChangeReport> {
  const args = ["revoke", issuer, serial, "--reason", "keyCompromise", "--json"];
  return JSON.parse((await site.vouch(args)).stdout) as ChangeReport;
}

async function keyState(): Promise<SignerStatus> {
  const { stdout } = await site.vouch(["signer", "list", "token", "--json"]);
  return (JSON.parse(stdout) as SignerStatus[])[0] as SignerStatus;
}

/**
 * What the other issuer's relying parties see for some seconds: answers in force, which after an answer's life only a
 * sweep brings, and nonces, which come back but where the machine was too busy for a moment.
 */
async function expectOtherServed(seconds: number, nonces: readonly Buffer[]): Promise<void> {
  const der = ocspRequest(inFile, leaf(inFile, 7));
  const end = Date.now() + seconds * 1000;
  let [asked, echoed] = [0, 0];
  while (Date.now() < end) {
    expect(await ocspSays(site.daemon.url, der)).toBe("good");
    const nonce = nonces[asked++ % nonces.length] as Buffer;
    const { nonce: echo, single } = peekAnswer((await postOcsp(site.daemon.url, nonce)).body);
    expect(single[0]?.certStatus).toMatch(/^(good|revoked)$/);
    if (echo !== undefined) echoed++;
    await sleep(250);
  }
  expect(echoed).toBeGreaterThan(asked / 2);
}

function nonces(pki: Pki, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => ocspRequest(pki, leaf(pki, i), { nonce: true }));
}

describe("a token whose C_Sign hangs", () => {
  it("delays neither another issuer's sweep, nor its revocations, nor its live answers", async () => {
    const others = nonces(inFile, 4);
    const flood = nonces(inToken, 30);
    hsm.become("hang C_Sign");
    const hanging = revoke("token", leaf(inToken, 0));
    // Live questions to the token's issuer, as many as come in two seconds.
    const asked = Array.from({ length: 150 }, (_, i) =>
      postOcsp(site.daemon.url, flood[i % flood.length] as Buffer),
    );
    expect(await revoke("file", leaf(inFile, 0))).toMatchObject({ changed: 1, unsigned: [] });
    await expectOtherServed(3, others);
    // Over its deadline a nonce gets the pre-signed answer: nothing hangs.
    const [first] = await Promise.all(asked);
    expect(first?.status).toBe(200);
    expect(await hanging).toMatchObject({ changed: 1, unsigned: [leaf(inToken, 0)] });
    expect(await ocspSays(site.daemon.url, ocspRequest(inToken, leaf(inToken, 0)))).toBe(
      "tryLater",
    );
    expect((await keyState()).state).toBe("keyFault");
    const checked = await site.vouch(["check"], { json: true, env: hsm.env });
    expect(JSON.stringify(checked.json.problems)).toContain("the token hangs");
    await expectOtherServed(VALIDITY_SECONDS, others);
    expect(await revoke("file", leaf(inFile, 1))).toMatchObject({ changed: 1, unsigned: [] });
  }, 600_000);

  it("is signed with again by itself when it comes back, though the calls that hung never end", async () => {
    hsm.become("sound");
    await untilOcspSays(site.daemon.url, ocspRequest(inToken, leaf(inToken, 0)), "revoked");
    await until(async () => (await keyState()).state === "signs", { what: "it to sign" });
    expect(await revoke("token", leaf(inToken, 1))).toMatchObject({ unsigned: [] });
    const good = ocspRequest(inToken, leaf(inToken, 39));
    await untilOcspSays(site.daemon.url, good, "good");
  }, 600_000);
});

describe("a token that is slow", () => {
  it("delays nobody but its own issuer, whose answers come all the same", async () => {
    const others = nonces(inFile, 4);
    hsm.become("slow C_Sign 400");
    await expectOtherServed(VALIDITY_SECONDS, others);
    expect(await revoke("file", leaf(inFile, 2))).toMatchObject({ changed: 1, unsigned: [] });
    expect(await revoke("token", leaf(inToken, 2))).toMatchObject({ changed: 1, unsigned: [] });
    hsm.become("sound");
  }, 600_000);
});

describe("a token whose library crashes", () => {
  it("takes neither the authority nor another issuer's answers along", async () => {
    const processes = (): number[] => descendants(site.daemon.pid);
    const before = processes();
    hsm.become("crash C_Sign");
    const report = await revoke("token", leaf(inToken, 3));
    expect(report).toMatchObject({ changed: 1, unsigned: [leaf(inToken, 3)] });
    expect(await revoke("file", leaf(inFile, 3))).toMatchObject({ changed: 1, unsigned: [] });
    // But for the token's own process, all that ran still runs.
    expect(before.filter((pid) => !processes().includes(pid))).toHaveLength(1);
    hsm.become("sound");
    await untilOcspSays(site.daemon.url, ocspRequest(inToken, leaf(inToken, 3)), "revoked");
  }, 600_000);
});

describe("an authority that is killed while the token's process hangs in its library", () => {
  it("leaves no process behind, and the next one signs", async () => {
    const authority = authorityUnder(site.daemon.pid) as number;
    const before = hsm.counted("hanging");
    hsm.become("hang C_Sign");
    const unheard = revoke("token", leaf(inToken, 4)).catch(() => undefined);
    await until(() => hsm.counted("hanging") > before, { what: "a call to hang" });
    const orphans = descendants(authority);
    expect(orphans.length).toBeGreaterThan(0);
    process.kill(authority, "SIGKILL");
    hsm.become("sound");
    await until(() => orphans.every((pid) => argumentsOf(pid).length === 0), {
      what: "the token's process to end",
    });
    await unheard;
    const serial = leaf(inToken, 5);
    await until(async () => (await revoke("token", serial)).unsigned.length === 0, {
      what: "the next authority to sign",
    });
    await untilOcspSays(site.daemon.url, ocspRequest(inToken, serial), "revoked");
  }, 600_000);
});

describe("a token whose library hangs when it is initialised", () => {
  it("keeps the daemon from neither starting nor serving, and signs when it is sound", async () => {
    await site.daemon.stop();
    hsm.become("hang C_Initialize");
    daemon = await startDaemon(site.places, { env: hsm.env });
    expect(await revoke("file", leaf(inFile, 4))).toMatchObject({ changed: 1, unsigned: [] });
    await until(async () => (await keyState()).key?.fault?.includes("the token hangs"), {
      what: "the hang to be seen",
    });
    await untilOcspSays(daemon.url, ocspRequest(inFile, leaf(inFile, 4)), "revoked");
    hsm.become("sound");
    await until(async () => (await keyState()).state === "signs", { what: "it to sign" });
    expect(await revoke("token", leaf(inToken, 6))).toMatchObject({ changed: 1, unsigned: [] });
  }, 600_000);
});
