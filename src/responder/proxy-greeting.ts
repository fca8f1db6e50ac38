import type { Socket } from "node:net";
import { IDLE_SECONDS, REQUEST_SECONDS } from "./limits.ts";
import { readProxyHeader } from "./proxy-header.ts";
import { BUSY, idleFrom, type Timed } from "./timed.ts";

/** Where a connection begins, once it is known for whom: the client's address, or nothing for the peer's own. */
export type Greeted = (source: string | undefined) => void;

const NOTHING = Buffer.alloc(0);

/**
 * The beginning of a trusted proxy's connection: takes the PROXY header off, where there is one. The socket
 * goes on paused, with what follows the header put back. A header that is wrong ends the connection.
 */
export class ProxyGreeting implements Timed {
  readonly #socket: Socket;
  readonly #greeted: Greeted;
  readonly #tick: () => number;
  readonly #onData: (chunk: Buffer) => void;
  #octets: Buffer = NOTHING;
  /** When the waiting began, for anything or for the rest of the header. */
  #since: number;

  constructor(socket: Socket, tick: () => number, greeted: Greeted) {
    this.#socket = socket;
    this.#greeted = greeted;
    this.#tick = tick;
    this.#since = tick();
    this.#onData = (chunk) => this.#read(chunk);
    socket.on("data", this.#onData);
  }

  /** Ends a connection that has been silent for too long. */
  expire(now: number): void {
    const patience = this.#octets.length > 0 ? REQUEST_SECONDS : IDLE_SECONDS;
    if (now - this.#since >= patience) this.#socket.destroy();
  }

  idleSince(): number {
    if (this.#octets.length > 0 || this.#socket.destroyed) return BUSY;
    return idleFrom(this.#since);
  }

  makeRoom(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#octets.length === 0) this.#since = this.#tick();
    // A copy: the chunk is the listener's only until it returns.
    this.#octets = Buffer.concat([this.#octets, chunk]);
    const reading = readProxyHeader(this.#octets);
    if (reading === "bad") this.#socket.destroy();
    else if (reading === "none") this.#goOn(0, undefined);
    else if (reading !== "partial") this.#goOn(reading.length, reading.source);
  }

  #goOn(headerLength: number, source: string | undefined): void {
    const socket = this.#socket;
    socket.off("data", this.#onData);
    socket.pause();
    if (this.#octets.length > headerLength) socket.unshift(this.#octets.subarray(headerLength));
    this.#greeted(source);
  }
}
