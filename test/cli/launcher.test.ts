import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { NODE, ROOT } from "../support/vouch-cli.ts";

/** The Node.js of the system, which `/usr/bin/env node` finds outside npm. */
const SYSTEM = "/usr/bin/node";

/** Tells what it was started with, and what happens to it. */
const MAIN = `
const say = (what: string) => process.stdout.write(what + "\\n");
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"] as const) {
  if (!process.argv.includes("defaults")) process.on(signal, () => say(signal));
}
process.on("disconnect", () => { say("launcher gone"); process.exit(0); });
process.stdin.on("data", (code) => process.exit(Number(code)));
// Last: then it can be sent what it listens for.
say(JSON.stringify({ version: process.version, args: process.argv.slice(2), pid: process.pid }));
`;

/** A clone that holds only the launcher and a main.ts of the test's. */
function clone(runtime: "with runtime" | "without"): string {
  const folder = tempFolder();
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "src/main.ts"), MAIN);
  copyFileSync(join(ROOT, "src/vouch.js"), join(folder, "src/vouch.js"));
  if (runtime === "with runtime")
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return join(folder, "src/vouch.js");
}

interface Started {
  readonly child: ChildProcess;
  readonly version: string;
  readonly args: string[];
  readonly pid: number;
  output(): string;
  said(what: string): Promise<unknown>;
}

async function start(node: string, ...args: string[]): Promise<Started> {
  const child = spawn(node, [clone("with runtime"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const said = (what: string): Promise<unknown> =>
    until(() => output.includes(what), { what: `the child to say ${what}` });
  await said("\n");
  return { child, ...JSON.parse(output.split("\n")[0] ?? ""), output: () => output, said };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isOld = (() => {
  try {
    const version = execFileSync(SYSTEM, ["-p", "process.versions.node"], { encoding: "utf8" });
    return Number.parseInt(version, 10) < 26;
  } catch {
    return false;
  }
})();

describe.skipIf(!isOld)("under an older Node.js of the system", () => {
  it("runs main.ts with the pinned runtime and passes the arguments on", async () => {
    const started = await start(SYSTEM, "a b", "--json", "");
    expect(started.version).toBe("v26.10.0");
    expect(started.args).toEqual(["a b", "--json", ""]);
    started.child.stdin?.write("0");
    await once(started.child, "exit");
  });

  it("ends with the exit status of main.ts", async () => {
    for (const code of [0, 4]) {
      const { child } = await start(SYSTEM);
      child.stdin?.write(`${code}`);
      expect(await once(child, "exit")).toEqual([code, null]);
    }
  });

  it("forwards signals, once each", async () => {
    const { child, said, output } = await start(SYSTEM);
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"] as const) {
      child.kill(signal);
      await said(signal);
    }
    child.stdin?.write("0");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(output().trimEnd().split("\n").slice(1)).toEqual([
      "SIGTERM",
      "SIGINT",
      "SIGHUP",
      "SIGUSR2",
    ]);
  });

  it("ends by the signal that ended main.ts", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { child, pid } = await start(SYSTEM, "defaults");
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([null, signal]);
      expect(isAlive(pid)).toBe(false);
    }
    const { child, pid } = await start(SYSTEM);
    process.kill(pid, "SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  });

  it("lets main.ts know when it is killed", async () => {
    const { child, pid, said } = await start(SYSTEM);
    child.kill("SIGKILL");
    await said("launcher gone");
    await until(() => !isAlive(pid), { what: "main.ts to end" });
  });

  it("says what to do without a runtime, as JSON where that is asked for", async () => {
    const launcher = clone("without");
    const text = spawn(SYSTEM, [launcher, "stats"]);
    const json = spawn(SYSTEM, [launcher, "stats", "--json"]);
    const [heard, document, ...ends] = await Promise.all([
      text.stderr.setEncoding("utf8").toArray(),
      json.stdout.setEncoding("utf8").toArray(),
      once(text, "exit"),
      once(json, "exit"),
    ]);
    expect(heard.join("")).toContain('run "npm ci" in ');
    expect(JSON.parse(document.join("")).error.do).toContain("npm ci");
    expect(ends).toEqual([
      [1, null],
      [1, null],
    ]);
  });
});

describe("under the pinned runtime", () => {
  it("is main.ts itself: one process", async () => {
    const { child, pid, args } = await start(NODE, "x");
    expect(pid).toBe(child.pid);
    expect(args).toEqual(["x"]);
    child.stdin?.write("3");
    expect(await once(child, "exit")).toEqual([3, null]);
  });
});
