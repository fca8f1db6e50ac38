import { hash } from "node:crypto";
import { readSmallFile } from "./small-file.ts";
import { TokenAway, TokenFault } from "./token-error.ts";

const FREE = 0;
const TAKEN = 1;
/** Of refused PINs that are remembered, the oldest makes room. */
const MOST_REFUSED = 16;
/** A login takes seconds at the most; it is not waited for as long as would make a library look hung. */
const PATIENCE_MS = 10_000;

/**
 * Lets the threads of a process log in one after the other, and a PIN that the token has refused not be tried
 * again by any of them, lest the token lock itself.
 */
export class PinGuard {
  /** What it takes of memory that threads share, in octets. */
  static readonly SIZE: number = (2 + MOST_REFUSED) * Int32Array.BYTES_PER_ELEMENT;

  readonly #lock: Int32Array;
  readonly #count: Int32Array;
  /** Parts of hashes: of a PIN nothing is kept. */
  readonly #refused: Int32Array;

  constructor(shared: SharedArrayBuffer, offset: number) {
    const integer = Int32Array.BYTES_PER_ELEMENT;
    this.#lock = new Int32Array(shared, offset, 1);
    this.#count = new Int32Array(shared, offset + integer, 1);
    this.#refused = new Int32Array(shared, offset + 2 * integer, MOST_REFUSED);
  }

  /** Logs in with the PIN in a file; a `TokenFault` without the PIN where the token refuses that. */
  logIn(pinFile: string, login: (pin: string) => "in" | "refused"): void {
    this.#alone(() => {
      const pin = pinIn(pinFile);
      const mark = markOf(pinFile, pin);
      if (!this.#refused.includes(mark)) {
        if (login(pin) === "in") return;
        this.#refused[Atomics.add(this.#count, 0, 1) % MOST_REFUSED] = mark;
      }
      throw new TokenFault(
        `the token refuses the PIN in ${pinFile}; it is not tried again until that file changes, since tokens lock themselves after a few tries`,
      );
    });
  }

  #alone(work: () => void): void {
    const end = Date.now() + PATIENCE_MS;
    while (Atomics.compareExchange(this.#lock, 0, FREE, TAKEN) !== FREE) {
      const left = end - Date.now();
      if (left <= 0) throw new TokenAway("the token takes too long to log in");
      Atomics.wait(this.#lock, 0, TAKEN, left);
    }
    try {
      work();
    } finally {
      Atomics.store(this.#lock, 0, FREE);
      Atomics.notify(this.#lock, 0);
    }
  }
}

/** Never 0, which is no mark. */
function markOf(pinFile: string, pin: string): number {
  return hash("sha256", `${pinFile}\0${pin}`, "buffer").readInt32LE() | 1;
}

/** Without the end of its line, and the mark that Windows puts before it. An empty one would cost a try. */
function pinIn(pinFile: string): string {
  const pin = content(pinFile)
    .replace(/^\uFEFF/, "")
    .replace(/\r?\n$/, "");
  if (pin === "") throw new TokenFault(`the PIN file ${pinFile} is empty`);
  return pin;
}

function content(pinFile: string): string {
  try {
    return readSmallFile(pinFile).toString("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === undefined ? message : `cannot be read (${code})`;
    throw new TokenFault(`the PIN file ${pinFile} ${why}`);
  }
}
