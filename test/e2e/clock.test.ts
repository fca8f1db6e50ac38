import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { ClockReport } from "../../src/authority/admin-types.ts";
import { revokeByAdmin, statusByAdmin } from "../support/admin-client.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { needs } from "../support/has-program.ts";
import { request } from "../support/http-client.ts";
import {
  ocspRequest,
  ocspSays,
  postOcsp,
  untilLive,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { descendants } from "../support/processes.ts";
import { aTime, expectKeys, expectRefusal } from "../support/shapes.ts";
import { goodCsv, prepareSite, type Site } from "../support/site.ts";
import { until } from "../support/until.ts";

const it = needs("faketime", "apt install faketime");

let pki: Pki;
let site: Omit<Site, "daemon">;
let daemon: Daemon;
let clock: FakeClock;
const [good, revoked, later] = ["a1", "a2", "a3"] as const;

beforeEach(async () => {
  pki = makePki({ algorithm: "ec", leaves: 0 });
  site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
  clock = fakeClock(site.places.folder);
  await start();
  const csv = join(site.places.folder, "certificates.csv");
  writeFileSync(csv, goodCsv([good, revoked, later]));
  expect((await site.vouch(["import", "gov-1", csv])).code).toBe(0);
  await untilOcspSays(daemon.url, asks(later), "good");
  await untilLive(daemon.url, pki, good);
});

afterEach(async () => {
  await daemon.stop();
  await site.close();
});

async function start(): Promise<void> {
  daemon = await startDaemon(site.places, { env: clock.env });
}

const asks = (serialNumber: string): Buffer => ocspRequest(pki, serialNumber);

/** Commands run by the same clock as the daemon. */
const vouch = (...args: string[]): ReturnType<typeof site.vouch> =>
  site.vouch(args, { json: true, env: clock.env });

async function untilStopped(value: 0 | 1): Promise<void> {
  const says = async (): Promise<boolean> => {
    const { body } = await request(`${daemon.opsUrl}/metrics`);
    return body.toString().includes(`\nvouch_signing_stopped ${value}\n`);
  };
  await until(says, { what: `vouch_signing_stopped to be ${value}` });
}

/** While nothing is signed, what was signed is served, and what is asked of officers is recorded. */
async function expectStopped(serialNumber: string): Promise<void> {
  await untilStopped(1);
  const warns = async (): Promise<boolean> => {
    const { status, body } = await request(`${daemon.opsUrl}/readyz`);
    expect(status).toBe(200);
    const told = /"warnings":\["signing is stopped since .*vouch clock accept"\]/;
    return told.test(body.toString());
  };
  await until(warns, { what: "/readyz to warn" });
  expect(await ocspSays(daemon.url, asks(good))).toBe("good");
  const nonce = ocspRequest(pki, good, { nonce: true });
  const { single, extensions } = peekAnswer((await postOcsp(daemon.url, nonce)).body);
  expect([single[0]?.certStatus, extensions]).toEqual(["good", 0]);
  const report = await revokeByAdmin(site.places, "gov-1", serialNumber);
  expect(report).toMatchObject({ changed: 1, unsigned: [serialNumber] });
  expect(await ocspSays(daemon.url, asks(serialNumber))).toBe("tryLater");
}

async function expectToldOf(): Promise<void> {
  const crl = await vouch("crl", "issue", "gov-1");
  expect(crl.code).toBe(1);
  expectRefusal(crl.json, "clockStopped");
  const stats = (await vouch("stats")).json;
  expect(stats.warnings).toEqual([
    expect.stringMatching(/^signing is stopped since .*vouch clock accept$/),
  ]);
  const { code, json } = await vouch("check");
  expect(code).toBe(2);
  expect(JSON.stringify(json.problems)).toMatch(/signing is stopped since .*vouch clock accept/);
}

describe("a clock that is set back under a running daemon", () => {
  it("stops signing and nothing else, through a restart, until it is accepted", async () => {
    clock.set(-3_600);
    await expectStopped(revoked);
    await expectToldOf();
    const told = /"level":50.*behind the last time seen.*signing is stopped/;
    await until(() => told.test(daemon.stderr()), { what: "the log to say so" });
    await daemon.stop();
    clock.set(0);
    await start();
    await expectStopped(later);
    const accepted = await vouch("clock", "accept");
    expect(accepted.code).toBe(0);
    expectKeys(accepted.json, ["changed", "clock", "expected", "sequence"]);
    expect(accepted.json).toMatchObject({ changed: 1, clock: aTime, expected: aTime });
    const { clock: says, expected } = accepted.json as ClockReport;
    expect(Math.abs(Date.parse(says) - Date.parse(expected))).toBeLessThan(1_800_000);
    await untilOcspSays(daemon.url, asks(revoked), "revoked");
    await untilOcspSays(daemon.url, asks(later), "revoked");
    await untilStopped(0);
    expect((await vouch("crl", "issue", "gov-1")).code).toBe(0);
    expect(await ocspSays(daemon.url, asks(good))).toBe("good");
  });
});

describe("a clock that is set forward", () => {
  it("stops signing under a running daemon, and a revocation is not dated ahead", async () => {
    clock.set(7_200);
    await expectStopped(revoked);
    const { revocationDate } = await statusByAdmin(site.places, "gov-1", revoked);
    expect(Date.parse(revocationDate ?? "")).toBeLessThan(Date.now() + 3_600_000);
    clock.set(0);
    expect((await vouch("clock", "accept")).json).toMatchObject({ changed: 1 });
    await untilOcspSays(daemon.url, asks(revoked), "revoked");
  });

  it("while the daemon is down is no jump: a start after a long stop", async () => {
    await daemon.stop();
    clock.set(7_200);
    await start();
    await untilStopped(0);
    expect(await revokeByAdmin(site.places, "gov-1", revoked)).toMatchObject({ unsigned: [] });
    expect(await ocspSays(daemon.url, asks(revoked))).toBe("revoked");
  });
});

describe("a clock that was ahead and is accepted", () => {
  it("is warned of before, and shown until its time is reached", async () => {
    clock.set(86_400);
    await untilStopped(1);
    const before = await vouch("clock", "accept", "--dry-run");
    expect(before.code).toBe(0);
    expectKeys(before.json, ["isStopped", "clock", "expected", "warnings"]);
    expect(before.json).toMatchObject({
      isStopped: true,
      warnings: [
        expect.stringMatching(/^the clock is 86\d{3} s ahead .* not be signed anew before/),
      ],
    });
    await untilStopped(1);
    expect((await vouch("clock", "accept")).stderr).toContain("the clock is 86");
    expect(await revokeByAdmin(site.places, "gov-1", revoked)).toMatchObject({ unsigned: [] });
    clock.set(0);
    await untilStopped(1);
    expectAhead((await vouch("clock", "accept", "--dry-run")).json.warnings);
    expect((await vouch("clock", "accept")).json).toMatchObject({ changed: 1 });
    await untilStopped(0);
    expectAhead((await vouch("stats")).json.warnings);
    // Others than the authority know of it from the summary that it keeps.
    const warned = async () => (await readyWarnings()).length > 0;
    await until(warned, { what: "/readyz to warn" });
    expectAhead(await readyWarnings());
    const { code, stderr } = await site.vouch(["check"], { env: clock.env });
    expect([code, stderr]).toEqual([0, expect.stringContaining("have a thisUpdate up to")]);
    const shown = await site.vouch(["status", "gov-1", revoked], { env: clock.env });
    expect(shown.stdout).toContain("AHEAD of this machine's clock");
    const metricsNow = (await request(`${daemon.opsUrl}/metrics`)).body.toString();
    const latest = /vouch_latest_this_update_timestamp_seconds\{issuer="gov-1"\} (\d+)/;
    expect(Number(latest.exec(metricsNow)?.[1])).toBeGreaterThan(Date.now() / 1000 + 80_000);
  });
});

describe("a machine that wakes up after its answers have ended", () => {
  it("serves none of them, not even to who asked while it slept", async () => {
    const all = descendants(daemon.pid);
    for (const pid of all) process.kill(pid, "SIGSTOP");
    clock.set(2 * 86_400);
    const answers = [good, revoked, later].map((one) => ocspSays(daemon.url, asks(one)));
    for (const pid of all) process.kill(pid, "SIGCONT");
    expect(await Promise.all(answers)).toEqual(["tryLater", "tryLater", "tryLater"]);
  });
});

async function readyWarnings(): Promise<string[]> {
  const { body } = await request(`${daemon.opsUrl}/readyz`);
  return JSON.parse(body.toString()).warnings;
}

function expectAhead(warnings: unknown): void {
  const told = /^answers of gov-1 have a thisUpdate up to .* refuse them until then/;
  expect(warnings).toEqual([expect.stringMatching(told)]);
}
