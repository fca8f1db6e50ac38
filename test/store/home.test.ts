import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { settleHome } from "../../src/store/home.ts";
import { createStore } from "../../src/store/lmdb.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
afterAll(() => removeFolder(folder));

/** What an authority that starts on the store hears. */
async function start(name: string): Promise<string | undefined> {
  const data = join(folder, name);
  const store = createStore(data);
  try {
    return await settleHome(store, data);
  } finally {
    await store.close();
  }
}

it("tells once of a store that was copied, and of the original nothing", async () => {
  expect(await start("first")).toBeUndefined();
  expect(await start("first")).toBeUndefined();
  cpSync(join(folder, "first"), join(folder, "copy"), { recursive: true });
  expect(await start("copy")).toMatch(/^this store is a copy: .* another file of this machine$/);
  expect(await start("copy")).toBeUndefined();
  expect(await start("first")).toBeUndefined();
});
