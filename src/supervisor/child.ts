import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../observe/logger.ts";
import { SUPERVISED_ENVIRONMENT } from "../observe/reports.ts";

/** How to start one of the processes. */
export interface ChildPlan {
  readonly role: "authority" | "responder";
  /** Options of the runtime and arguments of the program. */
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A listening socket to hand on, as the child's descriptor 4. */
  readonly socket: number | undefined;
}

/** The child's descriptor of the socket that is handed on: after standard streams and the channel. */
export const HANDED_SOCKET = 4;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** One that lived this long did not fail to start: its successor starts at once. */
const HEALTHY_MS = 2_000;
const STOP_MS = 15_000;

/** A process that is started again whenever it ends, until it is stopped. */
export class Child {
  readonly role: ChildPlan["role"];
  readonly #plan: ChildPlan;
  readonly #log: Logger;
  readonly #ended: (code: number) => void;
  #process: ChildProcess | undefined;
  #stopping = false;
  #pause = FIRST_PAUSE_MS;

  /** `ended` hears of each end that was not asked for. */
  constructor(plan: ChildPlan, log: Logger, ended: (code: number) => void) {
    this.role = plan.role;
    this.#plan = plan;
    this.#log = log;
    this.#ended = ended;
  }

  /** The process that runs now, if it can be spoken to. */
  get process(): ChildProcess | undefined {
    return this.#process?.connected ? this.#process : undefined;
  }

  /** Starts it; resolves when it says that it is ready, or with its exit code when it ends before. */
  start(): Promise<"ready" | number> {
    const begun = Date.now();
    const child = this.#spawn();
    this.#process = child;
    let ready = false;
    return new Promise((resolve) => {
      child.on("message", (message: { ready?: true }) => {
        if (!message.ready) return;
        ready = true;
        resolve("ready");
      });
      child.once("exit", (code, signal) => {
        resolve(code ?? 1);
        if (ready && !this.#stopping) void this.#replace(code, signal, Date.now() - begun);
      });
    });
  }

  /** Asks it to end, and makes it when it does not; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(timer);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  #spawn(): ChildProcess {
    const stdio: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];
    if (this.#plan.socket !== undefined) stdio.push(this.#plan.socket);
    return spawn(process.execPath, this.#plan.arguments, {
      stdio,
      env: { ...process.env, ...this.#plan.env, ...SUPERVISED_ENVIRONMENT },
      // Ctrl-C at a terminal reaches the whole group; only the supervisor should act on it.
      detached: true,
    });
  }

  async #replace(code: number | null, signal: string | null, livedMs: number): Promise<void> {
    this.#log.error({ child: this.role, code, signal }, "ended unasked, starting it again");
    this.#ended(code ?? 1);
    this.#pause =
      livedMs > HEALTHY_MS ? FIRST_PAUSE_MS : Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    let outcome: "ready" | number = 1;
    while (outcome !== "ready" && !this.#stopping) {
      await sleep(this.#pause);
      if (this.#stopping) return;
      outcome = await this.start();
      if (outcome !== "ready") this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
