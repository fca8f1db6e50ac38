import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { atExit } from "./at-exit.ts";
import { request } from "./http-client.ts";
import { descendants, isRunning } from "./processes.ts";
import { until } from "./until.ts";
import { NODE, ROOT, vouchEnvironment } from "./vouch-cli.ts";
import type { Places } from "./vouch-file.ts";

/** How to start a daemon. */
export interface DaemonOptions {
  readonly command?: "serve" | "authority" | "responder";
  readonly env?: NodeJS.ProcessEnv;
  /** More arguments; `--ops ADDRESS` there must be `opsPort` as well. */
  readonly args?: readonly string[];
  readonly opsPort?: number;
  /** A descriptor to be its standard error in place of a pipe that is read; `stderr()` is empty then. */
  readonly stderr?: number;
}

/** A running `vouch serve`, `authority` or `responder`. */
export interface Daemon {
  /** The public service, without a slash at the end. */
  readonly url: string;
  readonly opsUrl: string;
  /** The process that was started; the others are below it. */
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** Its exit status, once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and its exit status. Rejects, and kills it, when it does not end in a minute. */
  stop(): Promise<number | null>;
  /** SIGKILL to it and everything below it. */
  kill9(): Promise<void>;
}

const MOST_OUTPUT = 1_000_000;
const LONGEST_STOP_MS = 60_000;
const groups = new Set<number>();
atExit(() => groups.forEach(killGroup));

/** Starts Vouch and waits until `/readyz` says ready. Rejects with its messages when it ends before. */
export async function startDaemon(places: Places, options: DaemonOptions = {}): Promise<Daemon> {
  const { command = "serve", args = [], opsPort = places.opsPort, stderr = "pipe" } = options;
  const child = spawn(NODE, ["src/vouch.js", command, "--config", places.config, ...args], {
    cwd: ROOT,
    env: vouchEnvironment(options.env),
    detached: true,
    stdio: ["ignore", "pipe", stderr],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${NODE} cannot be started`);
  groups.add(pid);
  const daemon = handle(child, pid, places, opsPort);
  try {
    await readiness(daemon, command);
  } catch (error) {
    await daemon.kill9();
    throw error;
  }
  return daemon;
}

function handle(child: ChildProcess, pid: number, places: Places, opsPort: number): Daemon {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const kill9 = async (): Promise<void> => {
    // So that it does not start again what is killed first.
    await halt(pid);
    for (const below of descendants(pid)) killOne(below);
    killGroup(pid);
    await ended;
  };
  return {
    url: `http://127.0.0.1:${places.publicPort}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    pid,
    stdout,
    stderr,
    ended,
    kill9,
    signal: (name) => {
      child.kill(name);
    },
    stop: async () => {
      child.kill("SIGTERM");
      const code = await Promise.race([ended, after(LONGEST_STOP_MS)]);
      await kill9();
      if (code === "late") throw new Error(`not ended a minute after SIGTERM\n${stderr()}`);
      return code;
    },
  };
}

async function readiness(
  { ended, opsUrl, stderr, stdout }: Daemon,
  command: string,
): Promise<void> {
  let code: number | null | undefined;
  const gone = ended.then((status) => {
    code = status;
  });
  const ready = until(
    async () => code !== undefined || (await request(`${opsUrl}/readyz`)).status === 200,
    { what: `vouch ${command} to be ready` },
  );
  await Promise.race([ready, gone]).catch((error: unknown) => {
    throw new Error(`${String(error)}\nstdout: ${stdout()}\nstderr: ${stderr()}`);
  });
  if (code === undefined) return;
  throw new Error(`vouch ${command} ended with ${code}\nstdout: ${stdout()}\nstderr: ${stderr()}`);
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (piece: string) => {
    text = (text + piece).slice(-MOST_OUTPUT);
  });
  return () => text;
}

function after(milliseconds: number): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, "late").unref();
  });
}

/** SIGSTOP; resolves when it does nothing any more. */
async function halt(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGSTOP");
  } catch {
    return;
  }
  await until(() => !isRunning(pid), { what: `process ${pid} to stop`, every: 1 });
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function killGroup(pid: number): void {
  killOne(-pid);
  groups.delete(pid);
}
