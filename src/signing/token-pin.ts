import { hash } from "node:crypto";
import { SharedLock } from "./shared-lock.ts";
import { readSmallFile } from "./small-file.ts";
import { TokenFault } from "./token-error.ts";

/** Of refused PINs that are remembered, the oldest makes room. */
const MOST_REFUSED = 16;

/**
 * Lets the threads of a process log in one after the other, and a PIN that the token has refused not be tried
 * again by any of them, lest the token lock itself.
 */
export class PinGuard {
  /** What it takes of memory that threads share, in octets. */
  static readonly SIZE: number =
    SharedLock.SIZE + (1 + MOST_REFUSED) * Int32Array.BYTES_PER_ELEMENT;

  readonly #lock: SharedLock;
  readonly #count: Int32Array;
  /** Parts of hashes: of a PIN nothing is kept. */
  readonly #refused: Int32Array;

  constructor(shared: SharedArrayBuffer, offset: number) {
    this.#lock = new SharedLock(shared, offset, "log in");
    const count = offset + SharedLock.SIZE;
    this.#count = new Int32Array(shared, count, 1);
    this.#refused = new Int32Array(shared, count + Int32Array.BYTES_PER_ELEMENT, MOST_REFUSED);
  }

  /** Logs in with the PIN in a file; a `TokenFault` without the PIN where the token refuses that. */
  logIn(pinFile: string, login: (pin: string) => "in" | "refused"): void {
    this.#lock.alone(() => {
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
