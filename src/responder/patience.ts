import { IDLE_SECONDS, REQUEST_SECONDS, STALL_SECONDS } from "./limits.ts";

/** Longer than clients are told: what one sends in its last moment is still answered. */
const KEPT_SECONDS = IDLE_SECONDS + 2;

/** A request or its rest, an answer, that what was written is taken, or nothing more. */
type Awaited = "request" | "answer" | "drain" | "nothing";

/** What a connection of the fast lane waits for, and since when. */
export class Patience {
  #awaited: Awaited = "request";
  #since: number;
  readonly #tick: () => number;

  /** `tick` gives seconds, as of the server's last tick. */
  constructor(tick: () => number) {
    this.#tick = tick;
    this.#since = tick();
  }

  get awaited(): Awaited {
    return this.#awaited;
  }

  /** Since when it waits for that. */
  get since(): number {
    return this.#since;
  }

  /** From now on it waits for this. */
  waitFor(what: Awaited): void {
    this.#awaited = what;
    this.#since = this.#tick();
  }

  /** Whether it has waited for too long at `now`, with so much of a request there. */
  isOver(now: number, request: "begun" | "none"): boolean {
    return now - this.#since >= this.#limit(request);
  }

  #limit(request: "begun" | "none"): number {
    if (this.#awaited !== "request") return STALL_SECONDS;
    return request === "begun" ? REQUEST_SECONDS : KEPT_SECONDS;
  }
}
