import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { type AddressInfo, BoundSocket, connect as connectSocket, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { metrics } from "../../src/observe/metrics.ts";
import { PublicServer } from "../../src/responder/public-server.ts";
import { TlsFiles } from "../../src/responder/tls-files.ts";
import { TlsLane } from "../../src/responder/tls-lane.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { until } from "../support/until.ts";
import { serveBare, silentLogger } from "./lane-servers.ts";
import { connected, type Exchange, gather, get, post, settle, statuses } from "./raw-exchange.ts";

/* As many connections as a process can have, here three. */

const MOST = 3;
const { handler } = await serveBare();
const log = silentLogger();
const files = makeTlsFiles("ocsp.example.vn");
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server with room for so few; its port. */
async function startCrowded(
  listen: "listen" | "listenTls" = "listen",
  trustedProxies: readonly string[] = [],
  mostConnections: number = MOST,
): Promise<number> {
  const handle = new BoundSocket({ host: "127.0.0.1", port: 0 });
  const { port } = handle.address() as AddressInfo;
  const tls = new TlsLane(new TlsFiles({ ...files, listen: { host: "127.0.0.1", port } }, log));
  const server = new PublicServer({ handler, log, trustedProxies, tls, mostConnections });
  await server[listen]({ handle });
  ends.push(() => server.stop());
  return port;
}

interface Client {
  readonly socket: Socket;
  readonly gathered: () => Exchange;
}

async function connect(port: number, text: string): Promise<Client> {
  const socket = await connected(port);
  ends.push(() => socket.destroy());
  const gathered = gather(socket);
  socket.write(text);
  await settle();
  return { socket, gathered };
}

async function turnedAway(reason: string): Promise<number> {
  const { values } = await metrics.connectionsTurnedAway.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

it("of those that are idle the one makes room that has been so longest; where all are busy the new one gets 503", async () => {
  const port = await startCrowded();
  const [idle, full] = [await turnedAway("idle"), await turnedAway("full")];
  const [first, second, third] = [
    await connect(port, get("/")),
    await connect(port, get("/")),
    await connect(port, get("/").slice(0, 20)),
  ];
  const fourth = await connect(port, get("/"));
  expect(statuses(fourth.gathered().received)).toEqual([200]);
  expect(first.gathered().closed).toBe(true);
  expect([second.gathered().closed, third.gathered().closed]).toEqual([false, false]);
  expect(await turnedAway("idle")).toBe(idle + 1);

  for (const { socket } of [second, fourth]) socket.write(get("/").slice(0, 20));
  await settle();
  const fifth = await connect(port, get("/"));
  expect(statuses(fifth.gathered().received)).toEqual([503]);
  expect(fifth.gathered().closed).toBe(true);
  expect(await turnedAway("full")).toBe(full + 1);
  for (const { socket } of [second, third, fourth]) socket.write(get("/").slice(20));
  await settle();
  for (const { gathered } of [second, third, fourth]) {
    expect(statuses(gathered().received).at(-1)).toBe(200);
  }
});

it("who has been idle longest goes first, not who came first", async () => {
  const port = await startCrowded();
  const [first, second, third] = [
    await connect(port, get("/")),
    await connect(port, get("/")),
    await connect(port, get("/")),
  ];
  // Over the next tick at least, whenever it comes.
  const busy = async (): Promise<boolean> => {
    for (const { socket } of [first, third]) socket.write(get("/"));
    await settle();
    return statuses(first.gathered().received).length > 22;
  };
  await until(busy, { what: "two seconds to pass" });
  await connect(port, get("/"));
  const closed = [first, second, third].map(({ gathered }) => gathered().closed);
  expect(closed).toEqual([false, true, false]);
});

const IN_GENERAL_LANE = post(["Transfer-Encoding: chunked"], "0\r\n\r\n");

describe("connections of node:http's lane", () => {
  it("make room where they are idle, the one first that has been so longest", async () => {
    const port = await startCrowded();
    const all: Client[] = [];
    for (let count = 0; count < 2 * MOST; count++) all.push(await connect(port, IN_GENERAL_LANE));
    for (const { gathered } of all) expect(statuses(gathered().received)).toEqual([200]);
    const closed = all.map(({ gathered }) => gathered().closed);
    expect(closed).toEqual([true, true, true, false, false, false]);
  });

  it("do not where the next request has begun", async () => {
    const port = await startCrowded();
    const all: Client[] = [];
    for (let count = 0; count < MOST; count++) all.push(await connect(port, IN_GENERAL_LANE));
    for (const { socket } of all) socket.write(IN_GENERAL_LANE.slice(0, 30));
    await settle();
    const newcomer = await connect(port, get("/"));
    expect(statuses(newcomer.gathered().received)).toEqual([503]);
    for (const { socket } of all) socket.write(IN_GENERAL_LANE.slice(30));
    await settle();
    for (const { gathered } of all) expect(statuses(gathered().received)).toEqual([200, 200]);
  });

  it("do not before their first answer", async () => {
    const port = await startCrowded();
    const all: Client[] = [];
    const half = IN_GENERAL_LANE.slice(0, -2);
    for (let count = 0; count < MOST; count++) all.push(await connect(port, half));
    expect(statuses((await connect(port, get("/"))).gathered().received)).toEqual([503]);
    for (const { socket } of all) socket.write("\r\n");
    await settle();
    for (const { gathered } of all) expect(statuses(gathered().received)).toEqual([200]);
  });
});

describe("sessions of HTTP/2", () => {
  async function session(port: number, tls: "tls" | "cleartext"): Promise<ClientHttp2Session> {
    const url = `${tls === "tls" ? "https" : "http"}://127.0.0.1:${port}`;
    const made = connectHttp2(url, { rejectUnauthorized: false }).on("error", () => undefined);
    ends.push(() => made.destroy());
    const stream = made.request({ ":path": "/" }).resume();
    await Promise.all([once(stream, "response"), once(stream, "close")]);
    return made;
  }

  it.each([
    ["cleartext", "listen"],
    ["tls", "listenTls"],
  ] as const)("over %s make room where they are idle, and are told so", async (way, listen) => {
    const port = await startCrowded(listen);
    const old: ClientHttp2Session[] = [];
    for (let count = 0; count < MOST; count++) old.push(await session(port, way));
    const farewells = old.map((one) => once(one, "goaway"));
    for (let count = 0; count < MOST; count++) await session(port, way);
    for (const [code] of await Promise.all(farewells)) expect(code).toBe(0);
    await until(() => old.every(({ destroyed }) => destroyed), { what: "the ends of the old" });
  });

  it("do not where a stream is open", async () => {
    const port = await startCrowded();
    const streams = [];
    for (let count = 0; count < MOST; count++) {
      const made = await session(port, "cleartext");
      streams.push(made.request({ ":path": "/", ":method": "POST" }, { endStream: false }));
    }
    await settle();
    expect(statuses((await connect(port, get("/"))).gathered().received)).toEqual([503]);
    for (const stream of streams) {
      stream.end("x").resume();
      const [headers] = await once(stream, "response");
      expect(headers[":status"]).toBe(200);
    }
  });
});

it("those that are accepted together do not end one another before they are read", async () => {
  const port = await startCrowded("listen", [], 1);
  const all = Array.from({ length: 30 }, () => {
    const socket = connectSocket({ port, host: "127.0.0.1" });
    ends.push(() => socket.destroy());
    const gathered = gather(socket);
    socket.write(get("/"));
    return gathered;
  });
  const answered = (gathered: () => Exchange): number[] => statuses(gathered().received);
  await until(() => all.every((one) => one().closed || answered(one).length > 0), {
    what: "an answer or an end for each",
  });
  const given = all.map(answered);
  expect(given.flat()).toContain(200);
  expect(given.filter(([status]) => status !== 200 && status !== 503)).toEqual([]);
});

describe("connections on which nothing has come make room, once they had time to begin", () => {
  it.each([
    ["in the clear", "listen", []],
    ["of a trusted proxy, which may still say for whom they are", "listen", ["127.0.0.1"]],
    ["before their TLS handshake", "listenTls", []],
  ] as const)("%s", async (_, listen, proxies) => {
    const port = await startCrowded(listen, proxies);
    const silent: Socket[] = [];
    for (let count = 0; count < MOST; count++) silent.push((await connect(port, "")).socket);
    const newcomers: Client[] = [];
    const open = (): Client[] => newcomers.filter(({ gathered }) => !gathered().closed);
    await until(
      async () => {
        newcomers.push(await connect(port, ""));
        return silent.every(({ readableEnded, destroyed }) => readableEnded || destroyed);
      },
      { what: "room to be made" },
    );
    expect(open().length).toBe(MOST);
  });
});
