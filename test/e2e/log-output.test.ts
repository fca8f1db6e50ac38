import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { argumentsOf, authorityUnder, descendants } from "../support/processes.ts";
import { prepareSite, type Site } from "../support/site.ts";
import { until } from "../support/until.ts";

let site: Omit<Site, "daemon">;
let pki: Pki;
let log: number;
let daemon: Daemon;

beforeEach(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
});

afterEach(async () => {
  await daemon?.kill9();
  closeSync(log);
  await site.close();
});

async function start(): Promise<void> {
  daemon = await startDaemon(site.places, { stderr: log });
  expect((await site.vouch(["import", "gov-1", pki.index, "--format", "index"])).code).toBe(0);
}

const leaf = (): Buffer =>
  ocspRequest(pki, (pki.leaves[0] as { serialNumber: string }).serialNumber);

const responderUnder = (pid: number): number | undefined =>
  descendants(pid).find((child) => argumentsOf(child).includes("responder"));

/** Kills a process of the daemon, and waits for the one in its place. */
async function replaced(find: (pid: number) => number | undefined): Promise<void> {
  const before = find(daemon.pid);
  if (before === undefined) throw new Error("no such process");
  process.kill(before, "SIGKILL");
  const after = (): boolean => ![undefined, before].includes(find(daemon.pid));
  await until(after, { what: "another process in its place" });
}

/** Everything that logs something, and what must go on all the same. */
async function expectService(): Promise<void> {
  await replaced(authorityUnder);
  await replaced(responderUnder);
  await untilOcspSays(daemon.url, leaf(), "good");
  const reloaded = async (): Promise<boolean> => (await site.vouch(["reload"])).code === 0;
  await until(reloaded, { what: "the authority to reload" });
  const isReady = async (): Promise<boolean> =>
    (await request(`${daemon.opsUrl}/readyz`)).status === 200;
  await until(isReady, { what: "/readyz to say ready" });
  expect(await daemon.stop()).toBe(0);
}

describe("a log that nobody reads", () => {
  it("holds up neither service nor restarts nor the end", async () => {
    const fifo = join(site.places.folder, "log");
    execFileSync("mkfifo", [fifo]);
    log = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    await start();
    fill(log);
    await expectService();
  });
});

describe("a log on a full disk", () => {
  it("stops neither service nor restarts nor the end", async () => {
    log = openSync("/dev/full", "w");
    await start();
    await expectService();
  });
});

function fill(pipe: number): void {
  const octets = Buffer.alloc(4_096, "\n");
  for (let size = octets.length; size >= 1; size /= 2) {
    while (took(pipe, octets.subarray(0, size)));
  }
}

function took(pipe: number, octets: Buffer): boolean {
  try {
    return writeSync(pipe, octets) > 0;
  } catch (error) {
    expect(error).toMatchObject({ code: "EAGAIN" });
    return false;
  }
}
