#!/usr/bin/env node
// The `vouch` command for whatever Node.js (20 or newer) finds it: runs main.ts with the pinned one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"];
const platform = `${process.platform}-${process.arch}`;
const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const runtime = fileURLToPath(
  new URL(`../node_modules/node-${platform}/bin/node`, import.meta.url),
);
const commandLine = [main, ...process.argv.slice(2)];

if (isNewEnough(process.versions.node)) await import("./main.ts");
else if (!existsSync(runtime)) fail(`Vouch's Node.js runtime for ${platform} is not there`);
else if (process.execve) process.execve(runtime, [runtime, ...commandLine], process.env);
else launch();

/** main.ts needs Node.js 26.10: it runs TypeScript, and has net.BoundSocket. */
function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 26 || (major === 26 && minor >= 10);
}

function launch() {
  // Over the IPC channel goes nothing: its end tells the child that this process has died.
  const child = spawn(runtime, commandLine, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of FORWARDED) process.on(signal, () => forward(signal, child));
  child.on("error", (error) => fail(`Vouch's Node.js runtime cannot be run: ${error.message}`));
  child.on("exit", endLike);
}

function forward(signal, child) {
  // Ctrl-C reaches the whole foreground group: the child has had this SIGINT already.
  const fromTerminal = signal === "SIGINT" && [0, 1, 2].some((fd) => isatty(fd));
  if (!fromTerminal) child.kill(signal);
}

function endLike(code, signal) {
  process.exitCode = code ?? 128 + constants.signals[signal];
  if (signal === null) return;
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function fail(message) {
  const remedy = `run "npm ci" in ${fileURLToPath(new URL("..", import.meta.url))}, or run vouch with an official Node.js 26.10 or newer (this is ${process.version})`;
  process.exitCode = 1;
  if (process.argv.includes("--json")) {
    const error = { code: "internal", message, do: remedy };
    process.stdout.write(`${JSON.stringify({ error })}\n`);
  } else process.stderr.write(`error: ${message}\n  ${remedy}\n`);
}
