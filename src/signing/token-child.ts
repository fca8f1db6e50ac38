import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job, JobResults, Urgency } from "./jobs.ts";
import { MOST_REFUSED } from "./token-pin.ts";

const PROGRAM = fileURLToPath(new URL("../../workers/token.ts", import.meta.url));

/** What the process is asked. */
export interface TokenQuestion {
  readonly id: number;
  readonly urgency: Urgency;
  readonly job: Job;
  /** Marks of PINs that are not to be tried. */
  readonly refusedPins: readonly number[];
}

/** What it says: what became of a job, or that its library hangs. */
export type TokenReply =
  | { readonly id: number; readonly result: unknown; readonly refusedPins: readonly number[] }
  | { readonly id: number; readonly error: string; readonly refusedPins: readonly number[] }
  | "hangs";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One process of a token's signing threads. When it ends, all jobs that it has fail. */
export class TokenChild {
  readonly #process: ChildProcess;
  readonly #refusedPins: Set<number>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isRetired = false;
  /** Whether it takes no job any more. */
  hasEnded = false;
  /** When the process is gone. */
  readonly gone: Promise<void>;

  /** `refusedPins` is what all processes of a token know of PINs. */
  constructor(modulePath: string, threads: number, refusedPins: Set<number>) {
    this.#refusedPins = refusedPins;
    this.#process = fork(PROGRAM, [modulePath, String(threads)], {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", (reply: TokenReply) => this.#take(reply));
    this.gone = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#giveUp(why);
        resolve();
      };
      this.#process.once("error", ({ message }) => end(`the token's process fails: ${message}`));
      this.#process.once("exit", (code, signal) =>
        end(`the token's process ended unasked (${signal ?? `exit code ${code}`})`),
      );
    });
  }

  run<J extends Job>(urgency: Urgency, job: J): Promise<JobResults[J["kind"]]> {
    const id = ++this.#lastId;
    const refusedPins = [...this.#refusedPins];
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      // One that has just ended takes no question; its exit tells.
      this.#process.send(
        { id, urgency, job, refusedPins } satisfies TokenQuestion,
        () => undefined,
      );
    });
  }

  /** Ends the process when the jobs that it has are done. */
  retire(): void {
    this.#isRetired = true;
    if (this.#waiting.size === 0) this.end("its work is done");
  }

  /** Ends the process at once; jobs that are under way fail. */
  end(why: string): void {
    this.#giveUp(why);
    this.#process.kill("SIGKILL");
  }

  #take(reply: TokenReply): void {
    if (reply === "hangs") {
      this.end("the token hangs: a call to its library did not end in time");
      return;
    }
    for (const mark of reply.refusedPins) this.#refusedPins.add(mark);
    for (const mark of this.#refusedPins) {
      if (this.#refusedPins.size > MOST_REFUSED) this.#refusedPins.delete(mark);
    }
    const one = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) one?.reject(new Error(reply.error));
    else one?.resolve(reply.result);
    if (this.#isRetired) this.retire();
  }

  #giveUp(why: string): void {
    this.hasEnded = true;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
