import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Peer } from "./peer.ts";
import { StallWatch } from "./stall-watch.ts";
import { BUSY, type Timed } from "./timed.ts";
import type { Asking } from "./unanswered.ts";

/** A connection of node:http's lane. */
export class Http1Connection implements Timed, Asking {
  readonly peer: Peer;
  unanswered = 0;
  /** To the newest request. */
  response: ServerResponse | undefined;
  /** Whether something came that cannot be read: nothing after it is. */
  isRefused = false;
  readonly #socket: Socket;
  readonly #tick: () => number;
  readonly #watch: StallWatch;
  /** When the last answer went out, and how many octets had been read by then. */
  #answeredAt = BUSY;
  #readBefore = 0;

  constructor(socket: Socket, peer: Peer, tick: () => number) {
    this.peer = peer;
    this.#socket = socket;
    this.#tick = tick;
    this.#watch = new StallWatch(socket, tick());
  }

  /** Takes note of the newest request. */
  begin(response: ServerResponse): void {
    this.response = response;
    response.once("close", () => {
      this.#answeredAt = this.#tick();
      this.#readBefore = this.#socket.bytesRead;
    });
  }

  /** Ends it if it has been stalled for too long; for all else node:http has its own clock. */
  expire(now: number): void {
    this.#watch.expire(now);
  }

  idleSince(): number {
    const { destroyed, writableLength, bytesRead } = this.#socket;
    if (this.unanswered > 0 || this.isRefused || destroyed || writableLength > 0) return BUSY;
    // What has come since is the next request, or its beginning.
    return bytesRead > this.#readBefore ? BUSY : this.#answeredAt;
  }

  makeRoom(): void {
    this.#socket.destroySoon();
  }
}
