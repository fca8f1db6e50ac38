import { SharedLock } from "./shared-lock.ts";
import { PinGuard } from "./token-pin.ts";

/** Calls that are watched at a time: more than a token has threads. */
const MOST_CALLS = 256;
const NO_CALL = 0;
const CALLS_SIZE = MOST_CALLS * Int32Array.BYTES_PER_ELEMENT;
const PINS = CALLS_SIZE + SharedLock.SIZE;
/** A call may take a library that long: it connects, logs in, or looks through all objects. */
const LONGEST_SECONDS = 15;

/**
 * What the threads of a process share that call one PKCS #11 library, which is one in the process: turns where it
 * bears no others, and when each call has to have ended, for whoever watches whether one hangs.
 */
export class SharedModule {
  /** When each call under way has to have ended, in seconds of the monotonic clock. */
  readonly #ends: Int32Array;
  /**
   * Held to load or initialise the library. Of threads that call C_Initialize at once, SoftHSM2 gives some a
   * state in which there is no token, or it ends the process.
   */
  readonly start: SharedLock;
  /** Through which threads log in. */
  readonly pins: PinGuard;

  /** Threads that are given the same octets share it. */
  constructor(shared: SharedArrayBuffer = SharedModule.shared()) {
    this.#ends = new Int32Array(shared, 0, MOST_CALLS);
    this.start = new SharedLock(shared, CALLS_SIZE, "initialise");
    this.pins = new PinGuard(shared, PINS);
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(PINS + PinGuard.SIZE);
  }

  /** Calls the library; `seconds` is how long that may take. */
  call<T>(work: () => T, seconds: number = LONGEST_SECONDS): T {
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

  /** Whether a call takes longer than it may: the library hangs. */
  get hangs(): boolean {
    const now = monotonicSeconds();
    return this.#ends.some((_, call) => {
      const end = Atomics.load(this.#ends, call);
      return end !== NO_CALL && end < now;
    });
  }
}

/** The same in all threads, and never turned. */
function monotonicSeconds(): number {
  return process.hrtime()[0];
}

/** Of this thread, by the library's file. */
const modules = new Map<string, SharedModule>();

/** Has this thread share a library with the process's other threads, by what they were given. */
export function shareModule(modulePath: string, shared: SharedModule): void {
  modules.set(modulePath, shared);
}

/** What this thread shares of a library. */
export function sharedModule(modulePath: string): SharedModule {
  const known = modules.get(modulePath);
  if (known) return known;
  const made = new SharedModule();
  modules.set(modulePath, made);
  return made;
}
