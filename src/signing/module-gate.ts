import { SharedLock } from "./shared-lock.ts";
import { PinGuard } from "./token-pin.ts";

const FREE = 0;
const ALONE = -1;
/** A thread that hangs in a token's library is not waited for longer. */
const PATIENCE_MS = 2_000;
/** Calls that are watched at a time: more than a token has threads. */
const MOST_CALLS = 256;
const NO_CALL = 0;
const OWN_SIZE = (1 + MOST_CALLS) * Int32Array.BYTES_PER_ELEMENT;
const PINS = OWN_SIZE + SharedLock.SIZE;
/** Opening a session may take a library that long: it connects, logs in, and looks through all objects. */
const LONGEST_SECONDS = 15;

/**
 * Lets threads use a PKCS #11 library side by side, and one at a time have it to itself: the library is one in
 * the process, and must not be finalised while another thread calls it (PKCS #11 5.4). It also shows to whoever
 * has the same octets when a call does not end.
 */
export class ModuleGate {
  /** How many use the library, or `ALONE`. */
  readonly #state: Int32Array;
  /** When each call under way has to have ended, in seconds of the monotonic clock. */
  readonly #ends: Int32Array;
  /**
   * Held to load or initialise the library. Of threads that call C_Initialize at once, SoftHSM2 gives some a
   * state in which there is no token, or it ends the process.
   */
  readonly start: SharedLock;
  /** Through which threads log in. */
  readonly pins: PinGuard;

  /** Threads that are given the same octets share the gate. */
  constructor(shared: SharedArrayBuffer = ModuleGate.shared()) {
    this.#state = new Int32Array(shared, 0, 1);
    this.#ends = new Int32Array(shared, Int32Array.BYTES_PER_ELEMENT, MOST_CALLS);
    this.start = new SharedLock(shared, OWN_SIZE, "initialise");
    this.pins = new PinGuard(shared, PINS);
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(PINS + PinGuard.SIZE);
  }

  /** Uses the library beside others; `seconds` is how long that may take. */
  use<T>(work: () => T, seconds: number = LONGEST_SECONDS): T {
    this.#enter((users) => (users === ALONE ? undefined : users + 1));
    try {
      return this.#watched(work, seconds);
    } finally {
      Atomics.sub(this.#state, 0, 1);
      Atomics.notify(this.#state, 0);
    }
  }

  /** Has the library alone, after those who use it now. */
  alone<T>(work: () => T): T {
    this.#enter((users) => (users === FREE ? ALONE : undefined));
    try {
      return this.#watched(work, LONGEST_SECONDS);
    } finally {
      Atomics.store(this.#state, 0, FREE);
      Atomics.notify(this.#state, 0);
    }
  }

  /** Whether a call takes longer than it may: the library hangs. */
  get hangs(): boolean {
    const now = monotonicSeconds();
    return this.#ends.some((_, call) => {
      const end = Atomics.load(this.#ends, call);
      return end !== NO_CALL && end < now;
    });
  }

  #watched<T>(work: () => T, seconds: number): T {
    const end = monotonicSeconds() + seconds;
    const call = this.#ends.findIndex(
      (_, i) => Atomics.compareExchange(this.#ends, i, NO_CALL, end) === NO_CALL,
    );
    try {
      return work();
    } finally {
      if (call >= 0) Atomics.store(this.#ends, call, NO_CALL);
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

/** The same in all threads, and never turned. */
function monotonicSeconds(): number {
  return process.hrtime()[0];
}

/** Of this thread, by the library's file. */
const gates = new Map<string, ModuleGate>();

/** Has this thread share a library with the process's other threads, by the gate that they were given. */
export function shareGate(modulePath: string, gate: ModuleGate): void {
  gates.set(modulePath, gate);
}

/** The gate of a library. */
export function gateOf(modulePath: string): ModuleGate {
  const known = gates.get(modulePath);
  if (known) return known;
  const made = new ModuleGate();
  gates.set(modulePath, made);
  return made;
}
