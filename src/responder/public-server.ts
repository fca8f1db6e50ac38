import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "../observe/logger.ts";
import { metrics } from "../observe/metrics.ts";
import { ConnectionCount } from "./connection-count.ts";
import { Crowd } from "./crowd.ts";
import { directSocket } from "./direct-socket.ts";
import { Entrance, type Inside } from "./entrance.ts";
import { FastConnection } from "./fast-lane.ts";
import type { Handler } from "./handler.ts";
import { Http1Lane } from "./http1-lane.ts";
import { Http2Lane } from "./http2-lane.ts";
import type { LaneContext } from "./lane-context.ts";
import { MOST_CONNECTIONS } from "./limits.ts";
import type { ListenTarget } from "./listen.ts";
import type { Peer } from "./peer.ts";
import { BUSY, idleFrom, type Timed } from "./timed.ts";
import type { TlsLane } from "./tls-lane.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

/** How long connections have after the word to stop: they may be idle, or slow. */
const FAREWELL_MS = 4_000;
const TICK_MS = 1_000;
const NOTHING = Buffer.alloc(0);
const ENDS = "Content-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
const TOO_MANY = `HTTP/1.1 429 Too Many Requests\r\n${ENDS}`;
const FULL = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n${ENDS}`;

/** What the public service is made of. */
export interface PublicService {
  readonly handler: Handler;
  readonly log: Logger;
  /** As the configuration has them. */
  readonly trustedProxies: readonly string[];
  /** Where there is an https listener. */
  readonly tls: TlsLane | undefined;
  /** All connections together; by the process's file descriptors where it is not given. */
  readonly mostConnections?: number;
}

/** What becomes of the connections of one listener. */
interface Ways extends Pick<Inside, "admit"> {
  /** Ends a connection that is one too many; the words are for HTTP/1.1. */
  readonly refuse: (socket: Socket, words: string) => void;
  /** Takes a connection that was accepted, and is paused. */
  readonly take: (accepted: Socket) => Socket;
}

/**
 * The public service: every connection begins in the fast lane, over TLS after its handshake, and moves to
 * node:http or node:http2 when it is not plain HTTP/1.x.
 */
export class PublicServer {
  readonly #servers: Server[] = [];
  readonly #http1: Http1Lane;
  readonly #http2: Http2Lane;
  readonly #tls: TlsLane | undefined;
  readonly #context: LaneContext;
  readonly #proxies: TrustedProxies;
  readonly #count = new ConnectionCount(MOST_CONNECTIONS);
  readonly #crowd: Crowd;
  #isStopping = false;
  #tick = 0;
  readonly #ticking: NodeJS.Timeout;

  constructor({ handler, log, trustedProxies, tls, mostConnections }: PublicService) {
    const isStopping = (): boolean => this.#isStopping;
    const tick = (): number => this.#tick;
    this.#crowd = new Crowd(tick, mostConnections);
    this.#http1 = new Http1Lane({ handler, log, isStopping, tick });
    this.#http2 = new Http2Lane({ handler, log, tick });
    this.#tls = tls;
    this.#proxies = new TrustedProxies(trustedProxies);
    this.#context = {
      handler,
      isStopping,
      tick,
      toHttp1: (socket, rest, peer) => this.#http1.take(socket, rest, peer),
      toHttp2: (socket, rest, peer) => this.#http2.take(socket, rest, peer),
    };
    this.#ticking = setInterval(() => this.#onTick(), TICK_MS);
  }

  /** Resolves when connections are accepted; rejects when the address cannot be had. */
  listen(target: ListenTarget): Promise<void> {
    return this.#listen(target, {
      take: directSocket,
      admit: (socket, peer) => this.#toFastLane(socket, socket, peer),
      refuse: refuseInWords,
    });
  }

  /** The same for TLS, where it was given. */
  listenTls(target: ListenTarget): Promise<void> {
    return this.#listen(target, {
      take: (socket) => socket.resume(),
      admit: (socket, peer) => this.#toTls(socket, peer),
      refuse: (socket) => socket.destroy(),
    });
  }

  /**
   * Stops: accepts no more, answers each connection's next request with `Connection: close`, and resolves
   * when none is left or after 4 s.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#http2.stop();
    const timer = setTimeout(() => {
      this.#crowd.destroyAll();
    }, FAREWELL_MS);
    await Promise.all(this.#servers.map(closed));
    clearTimeout(timer);
    clearInterval(this.#ticking);
  }

  #listen(target: ListenTarget, { take, admit, refuse }: Ways): Promise<void> {
    const entrance = new Entrance(this.#proxies, this.#count, {
      admit,
      refuse: (socket) => {
        metrics.connectionsTurnedAway.inc({ reason: "client" });
        refuse(socket, TOO_MANY);
      },
      watch: (socket, timed) => this.#crowd.watch(socket, timed),
      tick: () => this.#tick,
    });
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      const socket = take(accepted);
      socket.on("error", () => socket.destroy());
      if (this.#crowd.enter(socket)) entrance.accept(socket);
      else refuse(socket, FULL);
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(target, resolve);
    });
  }

  #toFastLane(connection: Socket, socket: Socket, peer: Peer): void {
    this.#crowd.watch(connection, new FastConnection(socket, peer, this.#context));
    // Where it was paused to be looked at.
    socket.resume();
  }

  #toTls(connection: Socket, peer: Peer): void {
    this.#crowd.watch(connection, handshakeOf(connection, this.#tick));
    this.#tls?.take(connection, (secure) => {
      if (secure.alpnProtocol !== "h2") this.#toFastLane(connection, secure, peer);
      else this.#crowd.watch(connection, this.#http2.take(secure, NOTHING, peer));
    });
  }

  #onTick(): void {
    this.#tick += TICK_MS / 1000;
    this.#crowd.expire(this.#tick);
  }
}

/** node:tls keeps the time of a handshake. Until it is over nothing is asked, so it may go in favour of another. */
function handshakeOf(connection: Socket, began: number): Timed {
  return {
    expire: () => undefined,
    idleSince: () => (connection.destroyed ? BUSY : idleFrom(began)),
    makeRoom: () => connection.destroy(),
  };
}

/** What has come already is read first: closed on what nobody read, the connection would be reset, and the answer lost. */
function refuseInWords(socket: Socket, words: string): void {
  socket.resume();
  socket.write(words);
  setImmediate(() => socket.destroySoon());
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
