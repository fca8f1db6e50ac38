import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dataFile, lockFile } from "../../src/config/data-files.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { accessFindings } from "../../src/setup/check-modes.ts";
import { appendJournal } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { writeSetting } from "../../src/store/settings.ts";
import type { Transaction } from "../../src/store/store.ts";
import { itAsOtherUser, OTHER_USER } from "../support/other-user.ts";
import { mustRun } from "../support/run-program.ts";
import { NODE, ROOT, vouch, vouchEnvironment } from "../support/vouch-cli.ts";
import { found, issueSigner, type PlantedSetup, plantedSetup } from "./planted.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function aSetup(...options: Parameters<typeof plantedSetup>): Promise<PlantedSetup> {
  const setup = await plantedSetup(...options);
  cleanUps.push(setup.remove);
  return setup;
}

async function write(data: string, body: (transaction: Transaction) => void): Promise<void> {
  const store = openStore(data);
  await store.transact(body);
  await store.close();
}

const now = (): number => Math.floor(Date.now() / 1000);

describe("the store", () => {
  it("is missing: the command that makes one, which does", async () => {
    const { check, places } = await aSetup();
    rmSync(places.data, { recursive: true });
    const { problems } = await check();
    expect(problems).toEqual([
      {
        where: places.data,
        problem: "there is no store",
        do: `make an empty one with: vouch init --config ${places.config}`,
      },
    ]);
    expect((await vouch(["init"], { config: places.config })).code).toBe(0);
    expect((await check()).ok).toBe(true);
  });

  it("is never made, nor written, by the check", async () => {
    const { check, places } = await aSetup();
    const before = statSync(dataFile(places.data), { bigint: true });
    await check();
    const after = statSync(dataFile(places.data), { bigint: true });
    expect([after.ino, after.size, after.mtimeNs]).toEqual([
      before.ino,
      before.size,
      before.mtimeNs,
    ]);
    rmSync(dataFile(places.data));
    await check();
    expect(() => statSync(dataFile(places.data))).toThrow("ENOENT");
  });

  it("without its lock file is not opened, since that would make one", async () => {
    const { check, places } = await aSetup();
    rmSync(lockFile(places.data));
    const { ok, warnings } = await check();
    expect(ok).toBe(true);
    expect(found(warnings, lockFile(places.data), "is missing")).toBeDefined();
    expect(() => statSync(lockFile(places.data))).toThrow("ENOENT");
  });

  it.each([
    [".", 0o755, "chmod 2750"],
    ["data.mdb", 0o644, "chmod 0640"],
    ["lock.mdb", 0o640, "chmod 0660"],
  ])("%s with mode %o: %s", async (name, mode, remedy) => {
    const { check, places } = await aSetup();
    const path = join(places.data, name);
    chmodSync(path, mode);
    const { problems } = await check();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ where: path, do: `${remedy} ${path}` });
    mustRun("sh", ["-c", problems[0]?.do ?? "false"]);
    expect((await check()).ok).toBe(true);
  });

  it("must be of the group where that exists", () => {
    const wanted = { mode: 0o640, gid: 4711 };
    expect(accessFindings("/data.mdb", { mode: 0o100640, gid: 4711 }, wanted)).toEqual([]);
    const [finding] = accessFindings("/data.mdb", { mode: 0o100640, gid: 0 }, wanted);
    expect(finding).toMatchObject({ weight: "problem", do: "chgrp vouch-store /data.mdb" });
  });

  it.each([
    ["empty", 0],
    ["cut in its first page", 100],
    ["cut after its first page", 4_096],
    ["cut in the middle", 20_000],
  ])("that is %s is a problem, not a crash", async (_, size) => {
    const { places } = await aSetup();
    truncateSync(dataFile(places.data), size);
    const done = await vouch(["check"], { config: places.config, json: true });
    expect(done.code).toBe(2);
    const fault = found(done.json.problems, dataFile(places.data));
    expect(fault?.do).toContain("restore it from a backup");
  });

  it("that is something else is a problem, not a crash", async () => {
    const { places } = await aSetup();
    writeFileSync(dataFile(places.data), "SQLite format 3\0".repeat(5_000));
    const done = await vouch(["check"], { config: places.config, json: true });
    expect(done.code).toBe(2);
    expect(found(done.json.problems, "is no LMDB data file")).toBeDefined();
  });

  it("of a newer version is a problem", async () => {
    const { check, places } = await aSetup();
    await write(places.data, (transaction) => writeSetting(transaction, "schema", 99));
    const { problems } = await check();
    expect(found(problems, dataFile(places.data), "schema 99")?.do).toContain("newer version");
  });
});

// Only root can be another user; who is not is refused by a mode that its own user cannot write.
describe("a user who may not write the lock file", () => {
  itAsOtherUser("reads unregistered, which is a problem", async () => {
    const { places, pki } = await aSetup();
    if (process.getuid?.() === 0)
      opened([dirname(places.config), places.data, pki.folder], [dataFile(places.data)]);
    chmodSync(lockFile(places.data), 0o444);
    const args = ["src/vouch.js", "check", "--json", "--config", places.config];
    const { status, stdout } = spawnSync(NODE, args, {
      cwd: ROOT,
      encoding: "utf8",
      env: vouchEnvironment(),
      ...OTHER_USER,
    });
    expect(status).toBe(2);
    const { problems } = JSON.parse(stdout) as Awaited<ReturnType<PlantedSetup["check"]>>;
    const fault = found(problems, lockFile(places.data), "unregistered");
    expect(fault?.do).toContain("chmod 0660");
  });

  function opened(folders: readonly string[], files: readonly string[]): void {
    for (const folder of folders) chmodSync(folder, 0o755);
    for (const file of files) chmodSync(file, 0o644);
  }
});

describe("the clock", () => {
  it("behind the newest journal entry is a problem", async () => {
    const { check, places } = await aSetup();
    const at = rfc3339(now() + 3_600);
    await write(places.data, (transaction) => {
      appendJournal(transaction, { action: "reload", by: "tests", at });
    });
    const { problems } = await check();
    expect(problems).toHaveLength(1);
    expect(found(problems, dataFile(places.data), "journal entry", at)?.do).toContain(
      "clock right",
    );
  });

  it("behind the data file's last change is a problem", async () => {
    const { check, places } = await aSetup();
    mustRun("touch", ["-d", "+10 minutes", dataFile(places.data)]);
    const { problems } = await check();
    expect(problems).toHaveLength(1);
    expect(found(problems, dataFile(places.data), "was last written")).toBeDefined();
  });

  it("a few seconds behind is none", async () => {
    const { check } = await aSetup((pki) => ({ ocsp: { signers: [issueSigner(pki)] } }));
    expect((await check(() => now() - 3)).problems).toEqual([]);
    expect((await check(() => now() - 10)).problems).toHaveLength(2);
  });

  it("that was never set is a problem", async () => {
    const { check } = await aSetup();
    const { problems } = await check(() => 86_400);
    expect(found(problems, "system clock", "1970-01-02T00:00:00Z")).toBeDefined();
  });
});

describe("folders of sockets", () => {
  it("must be there before the daemon starts", async () => {
    const folder = "/nowhere/run";
    const { check } = await aSetup(undefined, () => ({ admin: `${folder}/admin.sock` }));
    const { problems } = await check();
    expect(problems).toHaveLength(1);
    expect(found(problems, folder, "admin")?.do).toContain(`mkdir -p ${folder}`);
  });
});

it("a copy of the store elsewhere is as good", async () => {
  const { check, places } = await aSetup();
  cpSync(places.data, `${places.data}-2`, { recursive: true, preserveTimestamps: true });
  rmSync(places.data, { recursive: true });
  cpSync(`${places.data}-2`, places.data, { recursive: true, preserveTimestamps: true });
  chmodSync(places.data, 0o2750);
  expect((await check()).problems).toEqual([]);
});
