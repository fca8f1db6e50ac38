import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { hasProgram, needs } from "../support/has-program.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const cc = needs("cc", "apt-get install gcc libc6-dev");

/** One sync of `data.mdb`, in nanoseconds of the monotonic clock, which `process.hrtime` reads as well. */
interface Sync {
  readonly begin: bigint;
  readonly end: bigint;
  readonly result: number;
}

let site: Site;
let pki: Pki;
let folder: string;

beforeAll(async () => {
  if (!hasProgram("cc")) return;
  folder = tempFolder();
  const source = fileURLToPath(new URL("../support/sync-shim.c", import.meta.url));
  const shim = join(folder, "shim.so");
  mustRun("cc", ["-O1", "-shared", "-fPIC", "-o", shim, source, "-ldl"]);
  pki = makePki({ algorithm: "ec", leaves: 5 });
  const env = {
    LD_PRELOAD: shim,
    SYNC_SHIM_LOG: at("log"),
    SYNC_SHIM_DELAY: at("delay"),
    SYNC_SHIM_FAIL: at("fail"),
  };
  site = await startSite({ issuers: [{ name: "gov-1", pki, crl: false }], daemon: { env } });
});

afterAll(async () => {
  await site?.close();
  if (folder !== undefined) removeFolder(folder);
});

function at(name: string): string {
  return join(folder, name);
}

function syncs(): Sync[] {
  if (!existsSync(at("log"))) return [];
  const lines = readFileSync(at("log"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [, begin, end, result] = line.split(" ");
    return { begin: BigInt(begin ?? 0), end: BigInt(end ?? 0), result: Number(result) };
  });
}

/** Asks again and again what OCSP says, and when it said so, until told to stop. */
function watch(der: Buffer): { stop(): Promise<{ at: bigint; says: string }[]> } {
  let stopped = false;
  const seen: { at: bigint; says: string }[] = [];
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const says = await ocspSays(site.daemon.url, der);
      seen.push({ at: process.hrtime.bigint(), says });
      await sleep(5);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return seen;
    },
  };
}

function revokeArguments(leaf: number): string[] {
  return ["revoke", "gov-1", pki.leaves[leaf]?.serialNumber ?? "", "--reason", "keyCompromise"];
}

describe("the sync of data.mdb", () => {
  cc("is seen by the shim", () => {
    expect(syncs().length).toBeGreaterThan(0);
  });

  cc("has returned before `done` is printed, and before anyone is answered revoked", async () => {
    const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
    writeFileSync(at("delay"), "");
    const watching = watch(der);
    const asked = process.hrtime.bigint();
    let printed: bigint | undefined;
    const done = await site.vouch(revokeArguments(0), {
      onOutput: () => {
        printed ??= process.hrtime.bigint();
      },
    });
    rmSync(at("delay"));
    await untilOcspSays(site.daemon.url, der, "revoked");
    const seen = await watching.stop();
    expect(done.code).toBe(0);
    if (printed === undefined) throw new Error("revoke printed nothing");
    const within = syncs().filter(({ begin, end }) => begin >= asked && end <= (printed ?? 0n));
    expect(within.filter(({ begin, end }) => end - begin >= 300_000_000n)).not.toEqual([]);
    const firstEnd = within[0]?.end ?? 0n;
    const first = seen.find(({ says }) => says === "revoked");
    expect(first?.at).toBeGreaterThan(firstEnd);
    expect(seen.filter((one) => one.at < firstEnd && one.says !== "good")).toEqual([]);
  });

  cc("that fails: not acknowledged, not served, and the next one works", async () => {
    const der = ocspRequest(pki, pki.leaves[1]?.serialNumber ?? "");
    const watching = watch(der);
    writeFileSync(at("fail"), "");
    const before = syncs().length;
    const failed = await site.vouch(revokeArguments(1));
    const failures = syncs().slice(before);
    rmSync(at("fail"));
    expect([1, 4]).toContain(failed.code);
    expect(failures.some(({ result }) => result === -1)).toBe(true);
    const status = await until(
      async () => {
        const asked = ["status", "gov-1", pki.leaves[1]?.serialNumber ?? ""];
        const { code, json } = await site.vouch(asked, { json: true });
        return code === 0 && json;
      },
      { what: "the authority to be back" },
    );
    expect(status.status).toBe("good");
    await sleep(300);
    expect(new Set((await watching.stop()).map(({ says }) => says))).toEqual(new Set(["good"]));
    const again = await until(async () => (await site.vouch(revokeArguments(1))).code === 0, {
      what: "revoke to work again",
    });
    expect(again).toBe(true);
    await untilOcspSays(site.daemon.url, der, "revoked");
  });
});
