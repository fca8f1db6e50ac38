import { once } from "node:events";
import { type AddressInfo, BoundSocket, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, vi } from "vitest";
import { createLogger, type Logger } from "../../src/observe/logger.ts";
import { Handler } from "../../src/responder/handler.ts";
import { Http1Lane } from "../../src/responder/http1-lane.ts";
import { Peer } from "../../src/responder/peer.ts";
import { PublicServer } from "../../src/responder/public-server.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { TlsFiles } from "../../src/responder/tls-files.ts";
import { TlsLane } from "../../src/responder/tls-lane.ts";
import { tempStore } from "../store/temp-store.ts";
import type { TlsFilePair } from "../support/tls-files.ts";
import { storedSources } from "./stored-source.ts";

const HOST = "127.0.0.1";

/** A responder's logger that writes nothing. */
export function silentLogger(): Logger {
  const log = createLogger("responder");
  log.level = "silent";
  return log;
}

/** A handler over an empty store: it knows no issuer, so OCSP is unauthorized, and `/` one line. */
export function bareHandler(): { readonly handler: Handler; close(): Promise<void> } {
  const { store, folder, close } = tempStore();
  const served = new Served(store, folder);
  const clock = (): number => 1_800_000_000;
  const source = storedSources(store, served, clock);
  return { handler: new Handler(served, source, new RequestTally(), clock), close };
}

/** Something that listens on a port of 127.0.0.1. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** The public service as a responder runs it; `close` is its own way to stop. */
export async function startPublicServer(
  handler: Handler,
  trustedProxies: readonly string[] = [],
  host: string = HOST,
): Promise<Listening> {
  const log = silentLogger();
  const server = new PublicServer({
    handler,
    log,
    trustedProxies,
    tls: undefined,
  });
  const { handle, port } = bound(host);
  await server.listen({ handle });
  return { port, close: () => server.stop() };
}

/** The same whose clock stands still, as the general lane's does: messages that come octet by octet may take long. */
export async function startTimelessServer(handler: Handler): Promise<Listening> {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  try {
    return await startPublicServer(handler);
  } finally {
    vi.useRealTimers();
  }
}

/**
 * Expects this to come of itself, before the 4 s are over that a server which stops gives who is slow. Looks are
 * counted, and not the time between them: a process that was kept from running has not waited.
 */
export async function expectBeforeFarewell(coming: Promise<unknown>): Promise<void> {
  let isThere = false;
  const came = coming.then(() => {
    isThere = true;
  });
  for (let look = 0; look < 70 && !isThere; look++) await Promise.race([came, sleep(50)]);
  expect(isThere).toBe(true);
}

/** The same over an empty store, for the tests of a file; it stops after them. */
export async function serveBare(): Promise<Listening & { readonly handler: Handler }> {
  const bare = bareHandler();
  const server = await startPublicServer(bare.handler);
  afterAll(() => server.close().finally(bare.close));
  return { ...server, handler: bare.handler };
}

/** The same with TLS, on its port. */
export interface ListeningTls extends Listening {
  readonly tls: TlsLane;
}

/** The public service over TLS, as a responder runs it. */
export async function startTlsServer(
  handler: Handler,
  pair: TlsFilePair,
  trustedProxies: readonly string[] = [],
): Promise<ListeningTls> {
  const log = silentLogger();
  const { handle, port } = bound(HOST);
  const tls = new TlsLane(new TlsFiles({ ...pair, listen: { host: HOST, port } }, log));
  const server = new PublicServer({ handler, log, trustedProxies, tls });
  await server.listenTls({ handle });
  return { port, tls, close: () => server.stop() };
}

function bound(host: string): { readonly handle: BoundSocket; readonly port: number } {
  const handle = new BoundSocket({ host, port: 0 });
  return { handle, port: Number((handle.address() as AddressInfo).port) };
}

/** The general lane, which never stops; its clock stands still. */
export function generalLane(handler: Handler): Http1Lane {
  return new Http1Lane({ handler, log: silentLogger(), isStopping: () => false, tick: () => 0 });
}

/** A server whose connections are all in the general lane from their first octet on. */
export function startGeneralLane(handler: Handler): Promise<Listening> {
  const lane = generalLane(handler);
  return startSocketServer((socket) => lane.take(socket, Buffer.alloc(0), new Peer("127.0.0.1")));
}

/** A server that gives each connection to `take`; `close` destroys those that are left. */
export async function startSocketServer(take: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    take(socket);
  });
  server.listen(0, HOST);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
