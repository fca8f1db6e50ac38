import type { Job, JobResults, Probed, SigningThreads, Urgency } from "./jobs.ts";
import { TokenChild } from "./token-child.ts";

/**
 * How long after a process was tried in vain another may be, so that not each key of a token starts its own: half
 * of what lies between two tries of one key.
 */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * The signing threads of a token, in a process of their own. A thread that hangs in a PKCS #11 library cannot be
 * ended, and a library that crashes takes its process along: here that is this process alone, all of its jobs
 * fail, and the next job starts another.
 *
 * A library may go on without a token that is there again, or with a login that is worth nothing since, and can be
 * initialised anew only while no thread has a session. So where a probe fails, it is made in a fresh process, which
 * takes the other's place if the key signs there.
 */
export class TokenProcess implements SigningThreads {
  readonly #start: () => TokenChild;
  readonly #children = new Set<TokenChild>();
  #current: TokenChild | undefined;
  #pause = FIRST_PAUSE_MS;
  /** Before then no other process is tried. */
  #notBefore = 0;
  #isClosed = false;

  constructor(modulePath: string, threads: number) {
    const refusedPins = new Set<number>();
    this.#start = () => {
      const child = new TokenChild(modulePath, threads, refusedPins);
      this.#children.add(child);
      void child.gone.then(() => this.#children.delete(child));
      return child;
    };
  }

  async run<J extends Job>(urgency: Urgency, job: J): Promise<JobResults[J["kind"]]> {
    if (this.#isClosed) throw new Error("the signing threads have ended");
    const known = this.#running();
    const child = known ?? this.#begin();
    const result = await child.run(urgency, job);
    if (job.kind !== "probe") return result;
    const found = result as Probed;
    const last = known && found.state !== "signs" ? await this.#probeAnew(known, job) : found;
    if (last?.state === "signs") this.#pause = FIRST_PAUSE_MS;
    return (last ?? found) as typeof result;
  }

  /** Ends the process; jobs that are under way are given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const children = [...this.#children];
    for (const child of children) child.end("the signing threads have ended");
    await Promise.all(children.map(({ gone }) => gone));
  }

  #running(): TokenChild | undefined {
    return this.#current?.hasEnded ? undefined : this.#current;
  }

  #begin(): TokenChild {
    this.#current = this.#start();
    return this.#current;
  }

  /** What a probe that failed finds in another process; nothing where it is not time to start one. */
  async #probeAnew(failed: TokenChild, job: Job & { kind: "probe" }): Promise<Probed | undefined> {
    const current = this.#running();
    if (current && current !== failed) return current.run("urgent", job);
    const now = performance.now();
    if (this.#isClosed || now < this.#notBefore) return undefined;
    this.#notBefore = now + this.#pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    const other = this.#start();
    const found = await other.run("urgent", job).catch(() => undefined);
    const leaves = found?.state === "signs" && !this.#isClosed ? this.#current : other;
    if (leaves !== other) this.#current = other;
    leaves?.retire();
    return found;
  }
}
