import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { NODE, ROOT, vouchEnvironment } from "../support/vouch-cli.ts";

const folder = tempFolder();
afterAll(() => removeFolder(folder));

const filesIn = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

/** Makes it where each file may have so many KiB, as on a disk that has no room for more. */
function initDemo(place: string, kib: number | "unlimited"): ReturnType<typeof run> {
  const command = `ulimit -S -f ${kib}; exec "${NODE}" src/main.ts init "${place}" --demo`;
  return run("bash", ["-c", command], { cwd: ROOT, env: vouchEnvironment({}) });
}

it("leaves nothing behind where a file does not fit, says why, and can be done again", async () => {
  const place = join(folder, "site");
  const failed = await initDemo(place, 30);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/demo-ec-certs\.pem: EFBIG.*\n +raise the limit/);
  expect(filesIn(place)).toEqual([]);
  expect((await initDemo(place, "unlimited")).code).toBe(0);
});

it("leaves what was there: a link that leads nowhere in the configuration's place", async () => {
  const place = join(folder, "linked");
  const file = join(place, "config", "vouch.yaml");
  mkdirSync(join(place, "config"), { recursive: true });
  symlinkSync("nowhere", file);
  const refused = await initDemo(place, "unlimited");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is there already")]);
  expect(readlinkSync(file)).toBe("nowhere");
  expect(filesIn(place)).toEqual([]);
});
