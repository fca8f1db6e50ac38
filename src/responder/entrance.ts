import type { Socket } from "node:net";
import { plainAddress } from "./client-address.ts";
import type { ConnectionCount } from "./connection-count.ts";
import { Peer } from "./peer.ts";
import { ProxyGreeting } from "./proxy-greeting.ts";
import type { Timed } from "./timed.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** What comes after the entrance. */
export interface Inside {
  /** Takes a connection; it may be paused, and have octets that were put back. */
  admit(socket: Socket, peer: Peer): void;
  /** Ends a connection of a client that has too many. */
  refuse(socket: Socket): void;
  /** Hears what keeps the time of the connection until then. */
  watch(socket: Socket, timed: Timed): void;
  readonly tick: () => number;
}

/** Finds out for whom each new connection is, and whether that client may have one more. */
export class Entrance {
  readonly #proxies: TrustedProxies;
  readonly #count: ConnectionCount;
  readonly #inside: Inside;

  constructor(proxies: TrustedProxies, count: ConnectionCount, inside: Inside) {
    this.#proxies = proxies;
    this.#count = count;
    this.#inside = inside;
  }

  accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    if (address === undefined) {
      // Its client has reset it already.
      socket.destroy();
      return;
    }
    if (!this.#proxies.trusts(address)) {
      this.#admitClient(socket, new Peer(address));
      return;
    }
    const greeting = new ProxyGreeting(socket, this.#inside.tick, (source) =>
      this.#greeted(socket, address, source),
    );
    this.#inside.watch(socket, greeting);
  }

  /** A proxy's own connections carry many clients' requests: they are not counted. */
  #greeted(socket: Socket, proxy: string, source: string | undefined): void {
    const address = source ?? proxy;
    if (this.#proxies.trusts(address)) this.#inside.admit(socket, new Peer(address, this.#proxies));
    else this.#admitClient(socket, new Peer(address));
  }

  #admitClient(socket: Socket, peer: Peer): void {
    const leave = this.#count.enter(peer.address);
    if (!leave) {
      this.#inside.refuse(socket);
      return;
    }
    socket.once("close", leave);
    this.#inside.admit(socket, peer);
  }
}
