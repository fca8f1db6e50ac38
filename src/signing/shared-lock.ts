import { TokenAway } from "./token-error.ts";

const FREE = 0;
const TAKEN = 1;
/** Longer than a library may take to connect or to log in before it is seen to hang. */
const PATIENCE_MS = 20_000;

/** Lets one thread at a time, of those that share its octets, do something with a token's library. */
export class SharedLock {
  /** What it takes of memory that threads share, in octets. */
  static readonly SIZE: number = Int32Array.BYTES_PER_ELEMENT;

  readonly #state: Int32Array;
  readonly #what: string;

  /** `what` is what a thread does with it, for messages. */
  constructor(shared: SharedArrayBuffer, offset: number, what: string) {
    this.#state = new Int32Array(shared, offset, 1);
    this.#what = what;
  }

  /** Does the work when no other thread does; a `TokenAway` when another takes too long. */
  alone<T>(work: () => T): T {
    const end = Date.now() + PATIENCE_MS;
    while (Atomics.compareExchange(this.#state, 0, FREE, TAKEN) !== FREE) {
      const left = end - Date.now();
      if (left <= 0) throw new TokenAway(`the token takes too long to ${this.#what}`);
      Atomics.wait(this.#state, 0, TAKEN, left);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#state, 0, FREE);
      Atomics.notify(this.#state, 0);
    }
  }
}
