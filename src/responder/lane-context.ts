import type { Socket } from "node:net";
import type { Handler } from "./handler.ts";
import type { Peer } from "./peer.ts";
import type { Timed } from "./timed.ts";

/** Takes a connection over together with the octets that were read from it and not yet answered, and keeps its time. */
export type HandOver = (socket: Socket, rest: Buffer, peer: Peer) => Timed;

/** What the connections of this lane need of the server. */
export interface LaneContext {
  readonly handler: Handler;
  readonly toHttp1: HandOver;
  readonly toHttp2: HandOver;
  /** Whether the server is stopping: then each connection's next answer is its last. */
  readonly isStopping: () => boolean;
  /** Seconds, as of the server's last tick. */
  readonly tick: () => number;
}
