import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dataFile, lockFile } from "../../src/config/data-files.ts";
import { groupNumber, setStoreModes } from "../../src/store/modes.ts";
import { NODE, ROOT } from "../support/vouch-cli.ts";
import { storeProcess, type TempStore, tempStore } from "./temp-store.ts";

const umask = process.umask();
let temp: TempStore | undefined;

afterEach(async () => {
  process.umask(umask);
  await temp?.close();
  temp = undefined;
});

const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe("setStoreModes", () => {
  it.each([0o077, 0o000, 0o022])("whatever the umask (%i)", async (mask) => {
    process.umask(mask);
    temp = tempStore();
    await temp.store.transact((transaction) =>
      transaction.put("records", Buffer.of(1), Buffer.of(1)),
    );
    setStoreModes(temp.folder);
    expect(mode(temp.folder)).toBe("2750");
    expect(mode(dataFile(temp.folder))).toBe("640");
    expect(mode(lockFile(temp.folder))).toBe("660");
  });

  it("gives the group vouch-store where there is one, and leaves the owner", () => {
    temp = tempStore();
    const before = statSync(temp.folder);
    setStoreModes(temp.folder);
    for (const path of [temp.folder, dataFile(temp.folder), lockFile(temp.folder)]) {
      expect(statSync(path).gid).toBe(groupNumber("vouch-store") ?? before.gid);
      expect(statSync(path).uid).toBe(before.uid);
    }
  });
});

/** A user without rights, who can run this project: only root can become one. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const canBeNobody =
  process.getuid?.() === 0 &&
  spawnSync(NODE, ["-e", "0"], { cwd: join(ROOT, "src"), ...NOBODY }).status === 0;
const asNobody = it.skipIf(!canBeNobody);
const note = canBeNobody ? "" : " [needs root, and a clone that everybody can read]";

describe("another user's reader", () => {
  asNobody.each([
    [0o666, "registered"],
    [0o644, "unregistered"],
  ])(`with a lock file of mode %i is %s, and can tell${note}`, async (lockMode, wanted) => {
    temp = tempStore();
    chmodSync(dirname(temp.folder), 0o755);
    chmodSync(temp.folder, 0o755);
    chmodSync(dataFile(temp.folder), 0o644);
    chmodSync(lockFile(temp.folder), lockMode);
    const reader = await storeProcess("registered", temp.folder, NOBODY);
    await reader.kill9();
    expect(reader.line).toBe(wanted);
  });

  it("is not there yet, and this process is, once it has read", () => {
    temp = tempStore();
    expect(existsSync(lockFile(temp.folder))).toBe(true);
    temp.store.get("records", Buffer.of(1));
    expect(temp.store.isRegistered()).toBe(true);
  });
});
