const FREE = 0;
const ALONE = -1;
/** A thread that hangs in a token's library is not waited for longer. */
const PATIENCE_MS = 2_000;

/**
 * Lets threads use a PKCS #11 library side by side, and one at a time have it to itself: the library is one in
 * the process, and must not be finalised while another thread calls it (PKCS #11 5.4).
 */
export class ModuleGate {
  readonly #state: Int32Array;

  /** Threads that are given the same octets share the gate. */
  constructor(shared: SharedArrayBuffer = ModuleGate.shared()) {
    this.#state = new Int32Array(shared);
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  /** Uses the library beside others. */
  use<T>(work: () => T): T {
    this.#enter((users) => (users === ALONE ? undefined : users + 1));
    try {
      return work();
    } finally {
      Atomics.sub(this.#state, 0, 1);
      Atomics.notify(this.#state, 0);
    }
  }

  /** Has the library alone, after those who use it now. */
  alone<T>(work: () => T): T {
    this.#enter((users) => (users === FREE ? ALONE : undefined));
    try {
      return work();
    } finally {
      Atomics.store(this.#state, 0, FREE);
      Atomics.notify(this.#state, 0);
    }
  }

  #enter(next: (users: number) => number | undefined): void {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const users = Atomics.load(this.#state, 0);
      const then = next(users);
      if (then === undefined) {
        const left = end - Date.now();
        if (left <= 0)
          throw new Error("the PKCS #11 library is busy with a call that does not end");
        Atomics.wait(this.#state, 0, users, left);
      } else if (Atomics.compareExchange(this.#state, 0, users, then) === users) return;
    }
  }
}
