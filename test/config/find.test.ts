import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findConfig } from "../../src/config/find.ts";

const module = new URL("../../src/config/find.ts", import.meta.url).href;

/** What a process that is started in the folder finds. */
function foundIn(folder: string): string {
  const script = `const { findConfig } = await import(${JSON.stringify(module)});
    process.stdout.write(findConfig(undefined, {}));`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    encoding: "utf8",
  });
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vouch-find-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("findConfig", () => {
  it("takes --config before all", () => {
    expect(findConfig("a.yaml", { VOUCH_CONFIG: "b.yaml" })).toBe("a.yaml");
  });

  it("takes VOUCH_CONFIG before the usual places", () => {
    expect(findConfig(undefined, { VOUCH_CONFIG: "/none/b.yaml" })).toBe("/none/b.yaml");
  });

  it("takes an empty VOUCH_CONFIG for none", () => {
    expect(findConfig(undefined, { VOUCH_CONFIG: "" })).toBe(findConfig(undefined, {}));
  });

  it("finds ./config/vouch.yaml", async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "config"));
    await writeFile(join(folder, "config/vouch.yaml"), "");
    expect(foundIn(folder)).toBe("./config/vouch.yaml");
  });

  it.skipIf(existsSync("/etc/vouch/vouch.yaml"))("names it when there is none", async () => {
    expect(foundIn(await emptyFolder())).toBe("./config/vouch.yaml");
  });
});
