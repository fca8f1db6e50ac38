import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Job, SigningThreads, Urgency } from "./jobs.ts";

const PROGRAM = fileURLToPath(new URL("../../workers/token.ts", import.meta.url));
/** It ends by itself, but for a call that hangs. */
const END_MS = 2_000;

/** What the process is asked. */
export interface TokenQuestion {
  readonly id: number;
  readonly urgency: Urgency;
  readonly job: Job;
}

/** What it says: what became of a job, or that its library hangs. */
export type TokenReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | "hangs";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The process that runs now, and the jobs that it has. */
interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, Waiting>;
}

/**
 * The signing threads of a token, in a process of their own. A thread that hangs in a PKCS #11 library cannot be
 * ended, and a library that crashes takes its process along: here that is this process alone, all of its jobs
 * fail, and the next job starts another.
 */
export class TokenProcess implements SigningThreads {
  readonly #arguments: readonly string[];
  #running: Running | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(modulePath: string, threads: number) {
    this.#arguments = [modulePath, String(threads)];
  }

  run(urgency: Urgency, job: Job): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error("the signing threads have ended"));
    this.#running ??= this.#start();
    const { child, waiting } = this.#running;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      // One that has just ended takes no question; its exit tells.
      child.send({ id, urgency, job } satisfies TokenQuestion, () => undefined);
    });
  }

  /** Ends the process; jobs that are under way are given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = this.#running;
    if (!running) return;
    const { child } = running;
    const exit = once(child, "exit");
    this.#giveUp(running, "the signing threads have ended");
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await exit;
    clearTimeout(timer);
  }

  #start(): Running {
    const child = fork(PROGRAM, this.#arguments, {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const running: Running = { child, waiting: new Map() };
    child.on("message", (reply: TokenReply) => {
      if (reply === "hangs") {
        this.#giveUp(running, "the token hangs: a call to its library did not end in time");
        child.kill("SIGKILL");
      } else settle(running, reply);
    });
    child.once("error", (error) => this.#giveUp(running, `its process fails: ${error.message}`));
    child.once("exit", (code, signal) =>
      this.#giveUp(running, `the token's process ended unasked (${signal ?? `exit code ${code}`})`),
    );
    return running;
  }

  #giveUp(running: Running, why: string): void {
    if (this.#running === running) this.#running = undefined;
    for (const { reject } of running.waiting.values()) reject(new Error(why));
    running.waiting.clear();
  }
}

function settle({ waiting }: Running, reply: Exclude<TokenReply, "hangs">): void {
  const one = waiting.get(reply.id);
  waiting.delete(reply.id);
  if ("error" in reply) one?.reject(new Error(reply.error));
  else one?.resolve(reply.result);
}
