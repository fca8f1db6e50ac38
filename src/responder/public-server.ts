import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "../observe/logger.ts";
import { FastConnection, type LaneContext } from "./fast-lane.ts";
import type { Handler } from "./handler.ts";
import { Http1Lane } from "./http1-lane.ts";
import { Http2Lane } from "./http2-lane.ts";
import type { ListenTarget } from "./listen.ts";

/** How long connections have after the word to stop: they may be idle, or slow. */
const FAREWELL_MS = 4_000;
const TICK_MS = 1_000;

/**
 * The public service on one port: every connection begins in the fast lane, and moves to node:http or
 * node:http2 when it is not plain HTTP/1.x.
 */
export class PublicServer {
  readonly #server: Server;
  readonly #http2: Http2Lane;
  readonly #context: LaneContext;
  /** All connections; those of the fast lane with what reads them. */
  readonly #connections = new Map<Socket, FastConnection | undefined>();
  #isStopping = false;
  #tick = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(handler: Handler, log: Logger) {
    const isStopping = (): boolean => this.#isStopping;
    const http1 = new Http1Lane(handler, log, isStopping);
    this.#http2 = new Http2Lane(handler, log);
    this.#context = {
      handler,
      isStopping,
      tick: () => this.#tick,
      toHttp1: (socket, rest) => {
        this.#connections.set(socket, undefined);
        http1.take(socket, rest);
      },
      toHttp2: (socket, rest) => {
        this.#connections.set(socket, undefined);
        this.#http2.take(socket, rest);
      },
    };
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Resolves when connections are accepted; rejects when the address cannot be had. */
  listen(target: ListenTarget): Promise<void> {
    this.#ticking = setInterval(() => this.#onTick(), TICK_MS);
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(target, resolve);
    });
  }

  /**
   * Stops: accepts no more, answers each connection's next request with `Connection: close`, and resolves
   * when none is left or after 4 s.
   */
  stop(): Promise<void> {
    this.#isStopping = true;
    this.#http2.stop();
    return new Promise((resolve) => {
      const end = (): void => {
        clearInterval(this.#ticking);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        for (const socket of this.#connections.keys()) socket.destroy();
      }, FAREWELL_MS);
      this.#server.close(end);
    });
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#connections.delete(socket));
    this.#connections.set(socket, new FastConnection(socket, this.#context));
  }

  #onTick(): void {
    this.#tick += TICK_MS / 1000;
    for (const connection of this.#connections.values()) connection?.expire(this.#tick);
  }
}
