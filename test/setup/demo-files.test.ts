import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoFiles, makeDemoPki } from "../../src/setup/demo-pki.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const now = Math.floor(Date.now() / 1000);
const parent = tempFolder();
const folder = join(parent, "config", "pki");
const steps: [number, number][] = [];

beforeAll(async () => {
  const onProgress = (done: number, total: number): number => steps.push([done, total]);
  await makeDemoPki(folder, { now, onProgress });
});
afterAll(() => removeFolder(parent));

test("the files are those that are named beforehand, and no others", () => {
  const named = demoFiles(folder).flatMap(({ name: _, ...paths }) => Object.values(paths));
  const written = readdirSync(folder).map((file) => join(folder, file));
  expect(written.sort()).toEqual(named.sort());
  expect(written).toHaveLength(14);
});

test("progress counts each certificate once", () => {
  expect(steps).toEqual(Array.from({ length: 300 }, (_, index) => [index + 1, 300]));
});

test("the folder is closed to others", () => {
  expect(statSync(folder).mode & 0o777).toBe(0o750);
});

test("nothing is written twice, and the error names the file", async () => {
  const existing = readFileSync(join(folder, "demo-ec.key"));
  await expect(makeDemoPki(folder, { now })).rejects.toThrow(
    `${join(folder, "demo-ec.pem")} is there already and is not overwritten`,
  );
  expect(readFileSync(join(folder, "demo-ec.key"))).toEqual(existing);
});

test.each(["demo-ec-ocsp.key", "demo-rsa-revoked.pem"])(
  "a lone %s is left as it is, and nothing is put beside it",
  async (file) => {
    const other = mkdtempSync(join(parent, "other-"));
    writeFileSync(join(other, file), "mine");
    await expect(makeDemoPki(other, { now })).rejects.toMatchObject({
      name: "FileExistsError",
      file: join(other, file),
    });
    expect(readdirSync(other)).toEqual([file]);
    expect(readFileSync(join(other, file), "utf8")).toBe("mine");
  },
);
