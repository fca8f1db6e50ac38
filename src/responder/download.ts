import { read } from "node:fs";
import type { Writable } from "node:stream";
import type { Span } from "./byte-range.ts";
import type { OpenFile } from "./open-files.ts";

/** What is read at once, and all that one download holds in memory. */
const CHUNK = 32 * 1024;

/** Who sets the pace, and wants to know how it goes. */
export interface Pace {
  /** Calls back when it is this one's turn; what says true has begun, and ends its turn later. */
  takeTurn(act: () => boolean): void;
  endTurn(): void;
  /** The client has taken a piece. */
  movedOn(): void;
  /** It is over, well or not; called once. */
  ended(): void;
}

/**
 * A part of a file on its way to one client: read a piece at a time into one buffer, and no further than
 * the client takes it (back-pressure by the write's callback: then the octets are with the kernel).
 */
export class Download {
  /** How many octets it sends. */
  readonly size: number;
  readonly #file: OpenFile;
  readonly #pace: Pace;
  readonly #end: number;
  #position: number;
  #buffer: Buffer | undefined;
  #out: Writable | undefined;
  #isReading = false;
  #isOver = false;
  #movedOnAt = performance.now();

  constructor(file: OpenFile, { start, end }: Span, pace: Pace) {
    this.#file = file;
    this.#pace = pace;
    this.#position = start;
    this.#end = end;
    this.size = end - start;
  }

  /** Milliseconds since the client last took something. */
  idleMs(): number {
    return performance.now() - this.#movedOnAt;
  }

  /** Sends it and ends `out`, which must be nobody else's to write to. Where it fails, `out` is destroyed. */
  sendTo(out: Writable): void {
    if (this.#isOver) {
      out.destroy();
      return;
    }
    this.#out = out;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, this.size));
    out.once("close", () => this.#finish());
    this.#goOn();
  }

  /** Stops it where it is; a client that has not got all of it sees the connection or stream end early. */
  cancel(): void {
    this.#out?.destroy();
    this.#finish();
  }

  #goOn(): void {
    if (this.#isOver) return;
    if (this.#position < this.#end) this.#pace.takeTurn(() => this.#readNext());
    else {
      this.#out?.end();
      this.#finish();
    }
  }

  #readNext(): boolean {
    const buffer = this.#buffer;
    if (this.#isOver || !buffer) return false;
    const length = Math.min(buffer.length, this.#end - this.#position);
    this.#isReading = true;
    read(this.#file.fd, buffer, 0, length, this.#position, (error, count) => {
      this.#isReading = false;
      if (this.#isOver) this.#file.release();
      else if (error || count === 0) this.cancel();
      else this.#write(buffer.subarray(0, count));
      this.#pace.endTurn();
    });
    return true;
  }

  #write(piece: Buffer): void {
    this.#position += piece.length;
    this.#out?.write(piece, (error) => {
      if (error || this.#isOver) return;
      this.#movedOnAt = performance.now();
      this.#pace.movedOn();
      this.#goOn();
    });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#buffer = undefined;
    // A read that is under way still needs the descriptor.
    if (!this.#isReading) this.#file.release();
    this.#pace.ended();
  }
}
