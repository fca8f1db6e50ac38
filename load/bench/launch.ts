import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a server has to answer first, and to end. */
const START_MS = 60_000;
const STOP_MS = 20_000;
const MOST_OUTPUT = 20_000;

const running = new Set<Launched>();
process.once("exit", () => {
  for (const launched of running) launched.signal("SIGTERM");
});

/** A server's process, pinned to one core with all that it starts. */
export class Launched {
  readonly #child: ChildProcess;
  readonly #what: string;
  #output = "";

  constructor(core: number, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#what = command.slice(0, 3).join(" ");
    this.#child = spawn("taskset", ["-c", String(core), ...command], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // An error besides an exit: nothing to stop, and untilReady() says that it has ended.
    this.#child.on("error", (error) => this.#keep(String(error)));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    }
    running.add(this);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Tries until `ready` resolves. Rejects with the last failure and the server's own words. */
  async untilReady(ready: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + START_MS;
    for (;;) {
      const failure = await ready().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (failure === undefined) return;
      const why = this.#hasEnded() ? "has ended" : `does not answer: ${failure}`;
      if (this.#hasEnded() || Date.now() > end) {
        throw new Error(`${this.#what} ${why}\n${this.#output}`);
      }
      await sleep(50);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    running.delete(this);
    if (this.#hasEnded()) return;
    const exit = once(this.#child, "exit");
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(timer);
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-MOST_OUTPUT);
  }
}

/** Runs a command on one core to its end; resolves with its standard output, rejects with its words. */
export function runPinned(core: number, command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 26 };
    execFile("taskset", ["-c", String(core), ...command], options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new Error(`${command.slice(0, 4).join(" ")}: ${error.message}\n${stderr}`));
    });
  });
}

/** A TCP port of 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port to be had");
  return address.port;
}
