import type { Socket } from "node:net";
import { metrics, onScrape } from "../observe/metrics.ts";
import { KEPT_DESCRIPTORS, MOST_OF_ALL } from "./limits.ts";
import { Roll } from "./roll.ts";
import { BUSY, type Timed } from "./timed.ts";

/** To look at all connections for one newcomer costs little, where it is one of so many. */
const CONNECTIONS_A_LOOK = 64;

/** Why connections are turned away, as the metric names it; shown at 0, or an alert would miss the first. */
const TURNED_AWAY = ["client", "full", "idle"] as const;

/** A connection that is idle. */
interface Idle {
  readonly timed: Timed;
  readonly since: number;
}

/** All connections of a responder, each with what keeps its time once that is known. */
export class Crowd {
  readonly #most: number;
  readonly #tick: () => number;
  readonly #timed = new Roll<Socket, Timed | undefined>();
  /** Those that were idle when they were last looked for; who has been idle longest is the last. */
  #idle: Idle[] = [];
  /** Newcomers that may still come before all are looked at again. */
  #untilLook = 0;

  /** `tick` gives seconds, as of the server's last tick. */
  constructor(tick: () => number, most: number = mostConnections()) {
    this.#tick = tick;
    this.#most = most;
    onScrape(() => metrics.connections.set(this.#timed.size));
    for (const reason of TURNED_AWAY) metrics.connectionsTurnedAway.inc({ reason }, 0);
  }

  /**
   * Counts a new connection; false where there are as many as the process can have, and all of them are busy. Of
   * those that wait for their next request the one ends for it that has waited longest.
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
  watch(socket: Socket, timed: Timed): void {
    this.#timed.set(socket, timed);
  }

  /** Ends what has taken too long at `now`, in seconds as of the server's ticks. */
  expire(now: number): void {
    this.#idle = [];
    this.#untilLook = 0;
    for (const [, timed] of this.#timed) timed?.expire(now);
  }

  destroyAll(): void {
    for (const [socket] of this.#timed) socket.destroy();
  }

  #makeRoom(): boolean {
    this.#untilLook--;
    const made = this.#endIdlest() || (this.#untilLook <= 0 && this.#endIdlest(this.#look()));
    if (made) metrics.connectionsTurnedAway.inc({ reason: "idle" });
    return made;
  }

  /** Ends the one that has been idle longest of those that still are; whether there is one. */
  #endIdlest(idle: Idle[] = this.#idle): boolean {
    for (let next = idle.pop(); next; next = idle.pop()) {
      const { timed, since } = next;
      if (timed.idleSince() !== since) continue;
      timed.makeRoom();
      return true;
    }
    return false;
  }

  #look(): Idle[] {
    const now = this.#tick();
    const idle: Idle[] = [];
    for (const [, timed] of this.#timed) {
      const since = timed?.idleSince() ?? BUSY;
      if (timed && since <= now) idle.push({ timed, since });
    }
    // Of those that have been so equally long, the one that came last is the first.
    this.#idle = idle.reverse().sort((one, other) => other.since - one.since);
    this.#untilLook = this.#timed.size / CONNECTIONS_A_LOOK;
    return this.#idle;
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
