import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { revokeByAdmin, statusByAdmin } from "../support/admin-client.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { argumentsOf, descendants } from "../support/processes.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

let site: Site;
let pki: Pki;
let data: string;
let first: string;
let second: string;

beforeEach(async () => {
  pki = makePki({ algorithm: "ec", leaves: 2 });
  site = await startSite({ issuers: [{ name: "gov-1", pki, crl: false }] });
  data = site.places.data;
  [first = "", second = ""] = pki.leaves.map(({ serialNumber }) => serialNumber);
});

afterEach(async () => {
  await site?.close();
});

const asks = (serialNumber: string): Buffer => ocspRequest(pki, serialNumber);

/** Whether authority and responder both have this file of the store open, and not one that had its name. */
function bothUse(name: string): boolean {
  const file = join(data, name);
  if (!existsSync(file)) return false;
  const { ino } = statSync(file);
  const using = descendants(site.daemon.pid).filter((pid) => mapped(pid).has(`${ino} ${file}`));
  const roles = new Set(using.flatMap((pid) => argumentsOf(pid).find(isRole) ?? []));
  return roles.size === 2;
}

const isRole = (word: string): boolean => word === "authority" || word === "responder";

/** Inodes and names of the files that a process has in its memory. */
function mapped(pid: number): Set<string> {
  try {
    const lines = readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
    return new Set(lines.map((line) => line.split(/\s+/).slice(4).join(" ")));
  } catch {
    return new Set();
  }
}

describe("a data folder that is moved away while it is used", () => {
  it("takes no revocation that would be lost, is not made anew, and works again once it is back", async () => {
    renameSync(data, `${data}.away`);
    await expect(revokeByAdmin(site.places, "gov-1", first)).rejects.toThrow();
    const told = /"level":60.*data\.mdb was removed or moved away/;
    await until(() => told.test(site.daemon.stderr()), { what: "the log to say so" });
    expect(await ocspSays(site.daemon.url, asks(second))).toBe("good");
    expect(existsSync(data)).toBe(false);
    renameSync(`${data}.away`, data);
    const isBack = async (): Promise<boolean> =>
      (await statusByAdmin(site.places, "gov-1", second)).status === "good";
    await until(isBack, { what: "the authority to be back" });
    await revokeByAdmin(site.places, "gov-1", second);
    expect(await ocspSays(site.daemon.url, asks(second))).toBe("revoked");
  });

  it("is left for another that is put in its place", async () => {
    cpSync(data, `${data}.copy`, { recursive: true });
    renameSync(data, `${data}.away`);
    renameSync(`${data}.copy`, data);
    await until(() => bothUse("data.mdb") && bothUse("lock.mdb"), { what: "both to use the copy" });
    await untilOcspSays(site.daemon.url, asks(first), "good");
    const revoked = until(() => revokeByAdmin(site.places, "gov-1", first), { what: "to revoke" });
    expect(await revoked).toMatchObject({ changed: 1 });
    expect(await ocspSays(site.daemon.url, asks(first))).toBe("revoked");
  });
});

describe("a lock file that is removed while it is used", () => {
  it("is made anew, and all use that", async () => {
    rmSync(join(data, "lock.mdb"));
    await until(() => bothUse("lock.mdb"), { what: "both to use the new one" });
    expect(statSync(join(data, "lock.mdb")).mode & 0o777).toBe(0o660);
    await untilOcspSays(site.daemon.url, asks(first), "good");
  });
});
