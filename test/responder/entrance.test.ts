import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MOST_CONNECTIONS } from "../../src/responder/limits.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { until } from "../support/until.ts";
import {
  END_HEADERS,
  END_STREAM,
  frame,
  framesOf,
  HEADERS,
  outcomeOf,
  PREFACE,
  request,
} from "./http2-frames.ts";
import { bareHandler, type Listening, startPublicServer, startTlsServer } from "./lane-servers.ts";
import { proxied, proxyHeader } from "./proxy-octets.ts";
import { connected, exchange, gather, get, LAST, octets, statuses } from "./raw-exchange.ts";

/*
 * Who may come in, over real sockets: the loopback network has as many client addresses as are needed.
 */

let bare: ReturnType<typeof bareHandler>;
const open: Socket[] = [];
const servers: Listening[] = [];

beforeAll(() => {
  bare = bareHandler();
});

afterAll(async () => {
  for (const socket of open) socket.destroy();
  await Promise.all(servers.map((server) => server.close()));
  await bare?.close();
});

async function started(server: Promise<Listening>): Promise<number> {
  servers.push(await server);
  return (await server).port;
}

/** A connection from this address, kept open until the tests are over. */
async function from(localAddress: string, port: number, first?: Uint8Array): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  open.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (first) socket.write(first);
  return socket;
}

async function fill(localAddress: string, port: number, first?: Uint8Array): Promise<void> {
  for (let count = 0; count < MOST_CONNECTIONS; count++) await from(localAddress, port, first);
}

/** What a connection from this address gets for a request that is its last. */
async function ask(
  localAddress: string,
  port: number,
  first: Uint8Array = octets(""),
): Promise<string> {
  const socket = await from(localAddress, port);
  const gathered = gather(socket);
  socket.write(Buffer.concat([first, octets(LAST)]));
  await until(() => gathered().closed, { what: "the connection's end" });
  return gathered().received;
}

describe("a client with too many connections", () => {
  it("gets 429 and the end at once; others, and itself later, do not", async () => {
    const port = await started(startPublicServer(bare.handler));
    await fill("127.0.0.2", port);
    const refused = await ask("127.0.0.2", port);
    expect(refused).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(refused).toContain("\r\nConnection: close\r\n");
    expect(statuses(await ask("127.0.0.3", port))).toEqual([404]);
    open.find(({ localAddress }) => localAddress === "127.0.0.2")?.destroy();
    await until(async () => statuses(await ask("127.0.0.2", port))[0] === 404, { what: "room" });
  });

  it("over TLS is let go before the handshake", async () => {
    const port = await started(startTlsServer(bare.handler, makeTlsFiles("a")));
    await fill("127.0.0.4", port);
    const socket = await from("127.0.0.4", port);
    await until(() => socket.closed || socket.readableEnded, { what: "the connection's end" });
    expect(socket.bytesRead).toBe(0);
  });

  it("behind a trusted proxy is the client, and the proxy itself has no limit", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.5"]));
    await fill("127.0.0.5", port);
    expect(statuses(await ask("127.0.0.5", port))).toEqual([404]);
    await fill("127.0.0.5", port, proxied("198.51.100.1"));
    expect(statuses(await ask("127.0.0.5", port, proxied("198.51.100.1")))).toEqual([429]);
    expect(statuses(await ask("127.0.0.5", port, proxied("198.51.100.2")))).toEqual([404]);
  });
});

describe("a PROXY header", () => {
  it("of a trusted peer is taken off, whatever packets it comes in", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.0/8"]));
    const all = Buffer.concat([proxied("198.51.100.1"), octets(get("/") + LAST)]);
    for (const pieces of [[all], Array.from(all, (octet) => Buffer.of(octet))]) {
      expect(statuses((await exchange(port, pieces)).received)).toEqual([200, 404]);
    }
  });

  it("may be left out by a trusted peer, in every lane", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.1"]));
    expect(statuses((await exchange(port, [octets(LAST)])).received)).toEqual([404]);
    const preface = octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    const socket = await connected(port);
    socket.write(preface);
    const [settings] = await once(socket, "data");
    // A SETTINGS frame (RFC 9113 6.5).
    expect((settings as Buffer)[3]).toBe(4);
    socket.destroy();
  });

  it("that is wrong, or comes twice, is refused", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.1"]));
    const wrong = proxyHeader(0x21, 0x11, Buffer.alloc(3));
    expect(await exchange(port, [wrong])).toEqual({ received: "", closed: true });
    const twice = Buffer.concat([proxied("198.51.100.1"), proxied("198.51.100.2"), octets(LAST)]);
    expect(statuses((await exchange(port, [twice])).received)).toEqual([400]);
  });

  it("may come octet by octet before HTTP/2, too", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.1"]));
    const asked = frame(HEADERS, END_STREAM | END_HEADERS, 1, request("GET", "/"));
    const all = Buffer.concat([proxied("198.51.100.1"), PREFACE, asked]);
    const socket = await connected(port);
    const gathered = gather(socket);
    for (const octet of all) {
      socket.write(Buffer.of(octet));
      await turn();
    }
    const outcome = () => outcomeOf(framesOf(gathered().received), 1);
    await until(() => outcome() !== "none", { what: "the answer" });
    expect(outcome()).toBe(200);
    socket.destroy();
  });

  it("of version 1 is not HTTP, whoever sends it", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.1"]));
    const sent = octets(`PROXY TCP4 198.51.100.1 192.0.2.1 4711 80\r\n${LAST}`);
    expect(statuses((await exchange(port, [sent])).received)).toEqual([400]);
  });

  it("of anybody else is not HTTP", async () => {
    const port = await started(startPublicServer(bare.handler, ["192.0.2.1"]));
    const sent = Buffer.concat([proxied("198.51.100.1"), octets(LAST)]);
    expect(statuses((await exchange(port, [sent])).received)).toEqual([400]);
  });

  it("that does not come is waited for as long as a request is", async () => {
    const port = await started(startPublicServer(bare.handler, ["127.0.0.1"]));
    const began = performance.now();
    const half = await connected(port);
    half.write(proxied("198.51.100.1").subarray(0, 20));
    const gathered = gather(half);
    await until(() => gathered().closed, { what: "the end" });
    expect(performance.now() - began).toBeGreaterThan(8_500);
    expect(gathered().received).toBe("");
  });
});

/** Where the machine has no IPv6 at all there is nothing to try. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const note = hasIpv6 ? "" : " [needs IPv6 on the loopback interface]";

it.skipIf(!hasIpv6).each(["127.0.0.1", "::1"])(
  `a server on :: is reached over %s${note}`,
  async (host) => {
    const port = await started(startPublicServer(bare.handler, [], "::"));
    const socket = connect({ port, host });
    await once(socket, "connect");
    const gathered = gather(socket);
    socket.write(LAST);
    await until(() => gathered().closed, { what: "the connection's end" });
    expect(statuses(gathered().received)).toEqual([404]);
  },
);
