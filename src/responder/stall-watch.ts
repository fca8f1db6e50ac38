import type { Socket } from "node:net";
import { STALL_SECONDS } from "./limits.ts";

/**
 * Sees whether a client takes what is written to its socket. A socket's own timeout does not: node:http, once
 * it has stopped reading for a client that pipelines and does not read, waits for ever (seen, Node 26.10).
 */
export class StallWatch {
  readonly #socket: Socket;
  #since: number;
  #written = 0;
  #waiting = 0;

  constructor(socket: Socket, now: number) {
    this.#socket = socket;
    this.#since = now;
  }

  /** Ends the connection if it has been stalled for too long at `now`, in seconds. */
  expire(now: number): void {
    const { bytesWritten, writableLength, timeout } = this.#socket;
    const isStalled =
      writableLength > 0 && bytesWritten === this.#written && writableLength === this.#waiting;
    this.#written = bytesWritten;
    this.#waiting = writableLength;
    // Without a timeout it is a download, which sees to it by itself.
    if (!isStalled || timeout === 0) this.#since = now;
    else if (now - this.#since >= STALL_SECONDS) this.#socket.destroy();
  }
}
