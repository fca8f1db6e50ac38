import { read } from "node:fs";
import type { Writable } from "node:stream";
import type { Span } from "./byte-range.ts";
import type { OpenFile } from "./open-files.ts";

/** Who sets the pace, and wants to know how it goes. */
export interface Pace {
  /** Calls back when it is this one's turn; what says true has begun, and ends its turn later. */
  takeTurn(act: () => boolean): void;
  endTurn(): void;
  /** A buffer for one piece, all that a download holds in memory; to be given back when nobody writes from it. */
  takeBuffer(): Buffer;
  giveBack(buffer: Buffer): void;
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
  /** What has begun with a piece and not come back yet. */
  #doing: "nothing" | "reading" | "writing" = "nothing";
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
    this.#buffer = this.#pace.takeBuffer();
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
    this.#doing = "reading";
    read(this.#file.fd, buffer, 0, length, this.#position, (error, count) => {
      this.#doing = "nothing";
      if (this.#isOver) this.#letGo(buffer);
      else if (error || count === 0) this.cancel();
      else this.#write(buffer, count);
      this.#pace.endTurn();
    });
    return true;
  }

  #write(buffer: Buffer, count: number): void {
    this.#position += count;
    this.#doing = "writing";
    const piece = count === buffer.length ? buffer : buffer.subarray(0, count);
    this.#out?.write(piece, (error) => {
      this.#doing = "nothing";
      if (this.#isOver) this.#pace.giveBack(buffer);
      else if (error) this.cancel();
      else {
        this.#movedOnAt = performance.now();
        this.#pace.movedOn();
        this.#goOn();
      }
    });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // What is being read or written still needs the one or the other.
    if (this.#doing === "writing") this.#file.release();
    else if (this.#doing === "nothing") this.#letGo(this.#buffer);
    this.#pace.ended();
  }

  #letGo(buffer: Buffer | undefined): void {
    this.#file.release();
    if (buffer) this.#pace.giveBack(buffer);
  }
}
