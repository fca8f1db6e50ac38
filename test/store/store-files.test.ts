import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStore } from "../../src/store/lmdb.ts";
import { writeSetting } from "../../src/store/settings.ts";
import type { Store } from "../../src/store/store.ts";
import { StoreFiles } from "../../src/store/store-files.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

let folder: string;
let data: string;
let store: Store;
let files: StoreFiles;

beforeEach(() => {
  folder = tempFolder();
  data = join(folder, "var");
  store = createStore(data);
  files = new StoreFiles(data);
});

afterEach(async () => {
  await store.close();
  removeFolder(folder);
});

const change = (value: number): Promise<number> =>
  store.transact((transaction) => {
    writeSetting(transaction, "test", value);
    return value;
  });

const copied = (name: string): void => {
  cpSync(join(data, name), join(data, "copy"));
  renameSync(join(data, "copy"), join(data, name));
};

describe("the writer", () => {
  it("goes on while its files are in their places", async () => {
    expect(await change(1)).toBe(1);
    expect(files.writerFault()).toBeUndefined();
  });

  it("acknowledges nothing that it wrote to a folder that was moved away, and does again once it is back", async () => {
    renameSync(data, `${data}.away`);
    await expect(change(1)).rejects.toMatchObject({
      message: expect.stringMatching(/^the change is lost: .*data\.mdb was removed or moved away/),
      do: expect.stringContaining("put the data folder back"),
    });
    renameSync(`${data}.away`, data);
    expect(await change(2)).toBe(2);
  });

  it.each(["data.mdb", "lock.mdb"])("nor where %s was replaced or removed", async (name) => {
    await change(1);
    copied(name);
    await expect(change(2)).rejects.toThrow(`${name} was replaced by another file`);
    rmSync(join(data, name));
    await expect(change(3)).rejects.toThrow(`${name} was removed or moved away`);
  });
});

describe("a reader", () => {
  it("goes on with what it has while there is nothing else", () => {
    renameSync(data, `${data}.away`);
    expect(files.readerFault()).toBeUndefined();
    renameSync(`${data}.away`, data);
    rmSync(join(data, "lock.mdb"));
    expect(files.readerFault()).toBeUndefined();
  });

  it("ends where it is not in the table of readers that others use", () => {
    copied("lock.mdb");
    expect(files.readerFault()).toMatch(/lock\.mdb was replaced/);
  });

  it("ends where another store is in the place of its own, as soon as that is whole", async () => {
    await change(1);
    const half = join(data, "half");
    writeFileSync(half, "");
    renameSync(half, join(data, "data.mdb"));
    expect(files.readerFault()).toBeUndefined();
    const other = createStore(join(folder, "other"));
    await other.close();
    renameSync(join(folder, "other", "data.mdb"), join(data, "data.mdb"));
    expect(files.readerFault()).toMatch(/data\.mdb was replaced/);
  });
});
