import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { SharedLock } from "./shared-lock.ts";
import { readSmallFile } from "./small-file.ts";
import { TokenFault } from "./token-error.ts";

/** Of refused PINs that are remembered, the oldest makes room. */
export const MOST_REFUSED = 16;

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

  /** The marks of PINs that were refused, for another process of this token. */
  get refused(): number[] {
    return [...this.#refused].filter((mark) => mark !== 0);
  }

  /** Has PINs not be tried here that were refused in another process. */
  refuse(marks: readonly number[]): void {
    for (const mark of marks) if (!this.#refused.includes(mark)) this.#note(mark);
  }

  /** Logs in with the PIN in a file; a `TokenFault` without the PIN where the token refuses that. */
  logIn(pinFile: string, login: (pin: string) => "in" | "refused"): void {
    this.#lock.alone(() => {
      const pin = pinIn(pinFile);
      const mark = markOf(pinFile, pin);
      if (!this.#refused.includes(mark)) {
        if (login(pin) === "in") return;
        this.#note(mark);
      }
      throw new TokenFault(
        `the token refuses the PIN in ${pinFile}; it is not tried again until that file is written or touched, since tokens lock themselves after a few tries`,
      );
    });
  }

  #note(mark: number): void {
    this.#refused[Atomics.add(this.#count, 0, 1) % MOST_REFUSED] = mark;
  }
}

/** Another when the file is written anew, with the same PIN too: the token's may be that now. Never 0, which is no mark. */
function markOf(pinFile: string, pin: string): number {
  const { mtimeMs, ino } = statSync(pinFile);
  return hash("sha256", `${pinFile}\0${ino}\0${mtimeMs}\0${pin}`, "buffer").readInt32LE() | 1;
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
