import type { Socket } from "node:net";
import { metrics, onScrape } from "../observe/metrics.ts";
import type { Timed } from "./entrance.ts";
import { KEPT_DESCRIPTORS, MOST_OF_ALL } from "./limits.ts";
import { Roll } from "./roll.ts";

/** All connections of a responder, each with what keeps its time where that is not another lane's server. */
export class Crowd {
  readonly #most: number;
  readonly #timed = new Roll<Socket, Timed | undefined>();

  constructor(most: number = mostConnections()) {
    this.#most = most;
    onScrape(() => metrics.connections.set(this.#timed.size));
  }

  /**
   * Counts a new connection; false where there are as many as the process can have, and all of them are busy. Of
   * those that wait for their next request the one that came first ends for it.
   */
  enter(socket: Socket): boolean {
    if (this.#timed.size >= this.#most && !this.#makeRoom()) {
      metrics.connectionsTurnedAway.inc({ reason: "full" });
      return false;
    }
    socket.once("close", () => this.#timed.delete(socket));
    this.#timed.set(socket, undefined);
    return true;
  }

  /** Whose time is kept by what from now on. */
  watch(socket: Socket, timed: Timed | undefined): void {
    this.#timed.set(socket, timed);
  }

  /** Ends what has taken too long at `now`, in seconds as of the server's ticks. */
  expire(now: number): void {
    for (const [, timed] of this.#timed) timed?.expire(now);
  }

  destroyAll(): void {
    for (const [socket] of this.#timed) socket.destroy();
  }

  #makeRoom(): boolean {
    for (const [, timed] of this.#timed) {
      if (!timed?.makeRoom?.()) continue;
      metrics.connectionsTurnedAway.inc({ reason: "idle" });
      return true;
    }
    return false;
  }
}

/** By the descriptors that this process may open (LimitNOFILE, ulimit -n). */
function mostConnections(): number {
  // Otherwise the report asks DNS for the name of every connection's other end, and waits for it.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | "unlimited" } };
  };
  const descriptors = Number(report.userLimits?.open_files?.soft ?? MOST_OF_ALL);
  const free = Number.isNaN(descriptors) ? MOST_OF_ALL : descriptors - KEPT_DESCRIPTORS;
  return Math.max(1, Math.min(MOST_OF_ALL, free));
}
