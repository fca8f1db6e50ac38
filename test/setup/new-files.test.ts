import { readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  FileExistsError,
  makeFolder,
  refuseExisting,
  writeNewFiles,
} from "../../src/setup/new-files.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
afterAll(() => removeFolder(folder));

test("a file that appears after the look is not overwritten", async () => {
  const path = join(folder, "a.key");
  await writeNewFiles([{ path, content: "first", holds: "key" }]);
  const again = writeNewFiles([{ path, content: "second", holds: "key" }]);
  await expect(again).rejects.toThrow(FileExistsError);
  expect(readFileSync(path, "utf8")).toBe("first");
});

test("a broken link counts as a file", async () => {
  const path = join(folder, "link.pem");
  symlinkSync(join(folder, "nowhere"), path);
  await expect(refuseExisting([path])).rejects.toThrow(path);
});

test("keys are 0600", async () => {
  const path = join(folder, "b.key");
  await writeNewFiles([{ path, content: "", holds: "key" }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a folder that is there keeps its mode", async () => {
  const before = statSync(folder).mode;
  await makeFolder(folder);
  expect(statSync(folder).mode).toBe(before);
});
