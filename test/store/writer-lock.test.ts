import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockForWriting } from "../../src/store/lock.ts";
import { type StoreProcess, storeProcess, type TempStore, tempStore } from "./temp-store.ts";

let temp: TempStore;
const processes: StoreProcess[] = [];

beforeEach(() => {
  temp = tempStore();
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill9()));
  await temp.close();
});

async function lockElsewhere(folder: string): Promise<StoreProcess> {
  const process = await storeProcess("lock", folder);
  processes.push(process);
  return process;
}

function linked(): string {
  const link = join(dirname(temp.folder), "link");
  symlinkSync(temp.folder, link);
  return link;
}

describe("the right to write", () => {
  it("is refused to another process while one has it, with words that name the folder", async () => {
    const held = await lockForWriting(temp.folder);
    const { line } = await lockElsewhere(temp.folder);
    held.close();
    expect(line).toMatch(/^alreadyRunning: another authority already writes the store in /);
    expect(line).toContain(temp.folder);
    expect(line).toContain("stop it first");
  });

  it("is refused through a symbolic link, either way", async () => {
    const link = linked();
    expect((await lockElsewhere(link)).line).toBe("locked");
    await expect(lockForWriting(temp.folder)).rejects.toMatchObject({ code: "alreadyRunning" });
    expect((await lockElsewhere(temp.folder)).line).toMatch(/^alreadyRunning/);
    expect((await lockElsewhere(link)).line).toMatch(/^alreadyRunning/);
  });

  it("is refused to the same process a second time", async () => {
    const held = await lockForWriting(temp.folder);
    await expect(lockForWriting(temp.folder)).rejects.toMatchObject({ code: "alreadyRunning" });
    held.close();
  });

  it("is free again after kill -9 of who had it", async () => {
    const holder = await lockElsewhere(temp.folder);
    expect(holder.line).toBe("locked");
    await expect(lockForWriting(temp.folder)).rejects.toMatchObject({ code: "alreadyRunning" });
    await holder.kill9();
    const held = await lockForWriting(temp.folder);
    held.close();
  });

  it("is waited for, where who has it is about to end", async () => {
    const held = await lockForWriting(temp.folder);
    const next = lockForWriting(temp.folder, 30_000);
    held.close();
    (await next).close();
  });

  it("of one store leaves another one free", async () => {
    const other = tempStore();
    const held = await lockForWriting(temp.folder);
    expect((await lockElsewhere(other.folder)).line).toBe("locked");
    held.close();
    await other.close();
  });
});
