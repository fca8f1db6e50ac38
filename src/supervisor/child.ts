import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../observe/logger.ts";
import { SUPERVISED_ENVIRONMENT } from "../observe/reports.ts";
import { giveWay } from "./give-way.ts";
import { pipeOfItsOwn } from "./pipe-of-its-own.ts";

/** How to start one of the processes. */
export interface ChildPlan {
  readonly role: "authority" | "responder";
  /** Options of the runtime and arguments of the program. */
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Listening sockets to hand on, as the child's descriptors from `FIRST_HANDED_SOCKET` on. */
  readonly sockets: readonly number[];
}

/** The child's first descriptor of those that are handed on: after standard streams and the channel. */
export const FIRST_HANDED_SOCKET = 4;

/** Standard error. */
const LOG = 2;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const STOP_MS = 15_000;

/** A process that is started again whenever it ends, until it is stopped. */
export class Child {
  readonly role: ChildPlan["role"];
  readonly #plan: ChildPlan;
  readonly #log: Logger;
  readonly #ended: () => void;
  #process: ChildProcess | undefined;
  /** Whether the process that runs now has said so. */
  #isReady = false;
  #owedSignal: NodeJS.Signals | undefined;
  #stopping = false;

  /** `ended` hears of each end that was not asked for. */
  constructor(plan: ChildPlan, log: Logger, ended: () => void) {
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
    const child = this.#spawn();
    this.#process = child;
    return new Promise((resolve) => {
      child.on("message", (message: { ready?: true }) => {
        if (!message.ready) return;
        this.#isReady = true;
        if (this.#owedSignal) child.kill(this.#owedSignal);
        this.#owedSignal = undefined;
        resolve("ready");
      });
      child.once("exit", (code, signal) => {
        const ready = this.#isReady;
        this.#isReady = false;
        // One that ends by itself has said why.
        if (!ready && signal && !this.#stopping) {
          this.#log.error({ child: this.role, signal }, "was killed before it was ready");
        }
        resolve(code ?? 1);
        if (ready && !this.#stopping) void this.#replace(code, signal);
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

  /** Sends a signal, to one that is still starting as soon as it is ready: before, it might end of it. */
  signal(signal: NodeJS.Signals): void {
    if (this.#isReady) this.#process?.kill(signal);
    else this.#owedSignal = signal;
  }

  #spawn(): ChildProcess {
    const ownLog = pipeOfItsOwn(LOG);
    const { sockets } = this.#plan;
    const stdio: StdioOptions = ["ignore", "inherit", ownLog ?? LOG, "ipc", ...sockets];
    const child = spawn(process.execPath, this.#plan.arguments, {
      stdio,
      env: { ...process.env, ...this.#plan.env, ...SUPERVISED_ENVIRONMENT },
      // Ctrl-C at a terminal reaches the whole group; only the supervisor should act on it.
      detached: true,
    });
    if (ownLog !== undefined) closeSync(ownLog);
    if (this.role === "authority" && child.pid !== undefined) giveWay(child.pid);
    return child;
  }

  /** What was ready is replaced at once; only what fails to start is given time. */
  async #replace(code: number | null, signal: string | null): Promise<void> {
    this.#log.error({ child: this.role, code, signal }, "ended unasked, starting it again");
    this.#ended();
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopping) {
      await sleep(pause);
      if (this.#stopping || (await this.start()) === "ready") return;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
