import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FastConnection } from "../../src/responder/fast-lane.ts";
import { Peer } from "../../src/responder/peer.ts";
import { vector } from "../support/captured-site.ts";
import { ocspPath } from "../support/ocsp-client.ts";
import { until } from "../support/until.ts";
import { type CapturedHandler, openCapturedHandler } from "./captured-handler.ts";
import { generalLane, type Listening, startSocketServer } from "./lane-servers.ts";
import {
  connected,
  exchange,
  gather,
  get,
  LAST,
  octets,
  settle,
  statuses,
} from "./raw-exchange.ts";

/** A server of connections in the fast lane, whose clock stands still until it is told to go on. */
interface ClockedServer extends Listening {
  /** The server's ends of the connections, in the order of their coming. */
  readonly sockets: Socket[];
  /** Goes on so many seconds, one at a time. */
  pass(seconds: number): void;
}

let captured: CapturedHandler;
let server: ClockedServer;
/** A GET of OCSP, and the answer that it gets alone. */
let asking: string;
let answer: string;

beforeAll(async () => {
  captured = await openCapturedHandler();
  server = await startClockedServer(captured);
  asking = get(ocspPath(vector("synthetic/http/base.der")));
  const { received } = await exchange(server.port, [octets(asking + LAST)]);
  answer = received.slice(0, received.indexOf("HTTP/1.1 404"));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

afterAll(async () => {
  await server?.close();
  await captured?.close();
});

async function startClockedServer({ handler }: CapturedHandler): Promise<ClockedServer> {
  const connections = new Map<Socket, FastConnection>();
  const sockets: Socket[] = [];
  let now = 0;
  const http1 = generalLane(handler);
  const toHttp1 = http1.take.bind(http1);
  const isStopping = (): boolean => false;
  const context = { handler, toHttp1, toHttp2: toHttp1, isStopping, tick: () => now };
  const listening = await startSocketServer((socket) => {
    sockets.push(socket);
    connections.set(socket, new FastConnection(socket, new Peer("127.0.0.1"), context));
  });
  return {
    ...listening,
    sockets,
    pass: (seconds) => {
      for (const end = now + seconds; now < end; ) {
        now++;
        for (const connection of connections.values()) connection.expire(now);
      }
    },
  };
}

/** A connection whose client reads nothing yet, and the server's end of it, which may come a moment later. */
async function silentClient(): Promise<{ socket: Socket; own: Socket }> {
  const socket = await connected(server.port);
  socket.pause();
  const find = (): Socket | undefined =>
    server.sockets.findLast(({ remotePort }) => remotePort === socket.localPort);
  return { socket, own: await until(find, { what: "the server's end of the connection" }) };
}

describe("the time that a connection has", () => {
  it("is 10 s for a request: then 408", async () => {
    const socket = await connected(server.port);
    const gathered = gather(socket);
    socket.write(asking.slice(0, 30));
    await settle();
    server.pass(9);
    await settle();
    expect(gathered()).toEqual({ received: "", closed: false });
    server.pass(2);
    await until(() => gathered().closed, { what: "the end" });
    expect(gathered().received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(gathered().received).toMatch(/\r\nConnection: close\r\n\r\n.+ in time\n$/);
  });

  it("is 10 s for each request, also where octets of the next come with the last of one", async () => {
    const socket = await connected(server.port);
    const gathered = gather(socket);
    const half = asking.length >> 1;
    socket.write(asking.slice(0, half));
    for (let count = 0; count < 4; count++) {
      await settle();
      server.pass(6);
      socket.write(asking.slice(half) + asking.slice(0, half));
    }
    await settle();
    expect(gathered()).toEqual({ received: answer.repeat(4), closed: false });
    socket.destroy();
  });

  it("is not less than the 15 s that were told for the next request, nor more than 20", async () => {
    const socket = await connected(server.port);
    const gathered = gather(socket);
    socket.write(asking);
    await settle();
    expect(gathered().received).toContain("Keep-Alive: timeout=15\r\n");
    // The clock may have been about to go on when the answer went out.
    server.pass(16);
    await settle();
    expect(gathered()).toEqual({ received: answer, closed: false });
    server.pass(4);
    await until(() => gathered().closed, { what: "the end" });
    expect(gathered().received).toBe(answer);
  });

  it("is over where nothing is taken of what was asked for", async () => {
    const { socket, own } = await silentClient();
    await flood(socket, asking, own);
    server.pass(40);
    await settle();
    server.pass(40);
    await until(() => own.destroyed, { what: "the end" });
    socket.destroy();
  });
});

/** Sends requests until no more are taken. */
async function flood(socket: Socket, request: string, other: Socket): Promise<number> {
  const many = octets(request.repeat(1_000));
  let sent = 0;
  for (let idle = 0; idle < 5 && sent < 100_000; ) {
    const before = other.bytesRead;
    if (socket.writableLength < many.length) {
      socket.write(many);
      sent += 1_000;
    }
    await sleep(20);
    idle = other.bytesRead === before ? idle + 1 : 0;
  }
  return sent;
}

describe("pipelined requests", () => {
  const paths = ["/", "/nothing", "/ca/ca.cer", "/M", "/ocsp/%zz"];

  it("are answered in order, 10,000 at once", async () => {
    const alone = await Promise.all(
      paths.map(async (path) => (await exchange(server.port, [octets(get(path) + LAST)])).received),
    );
    const last = (await exchange(server.port, [octets(LAST)])).received;
    const answers = alone.map((received) => received.slice(0, -last.length));
    // 7 and 5 have no common divisor: each follows each.
    const order = Array.from({ length: 10_000 }, (_, i) => ((i * 7) ^ (i >> 3)) % paths.length);
    const asked = order.map((i) => get(paths[i] ?? "")).join("");
    const { received, closed } = await exchange(server.port, [octets(asked + LAST)]);
    expect(closed).toBe(true);
    expect(received === order.map((i) => answers[i]).join("") + last).toBe(true);
  });

  it("do not pile up answers for who does not read, and are all answered once it does", async () => {
    const certificate = get("/ca/ca.cer");
    const { socket, own } = await silentClient();
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, own.writableLength);
    });
    const sent = await flood(socket, certificate, own);
    clearInterval(watching);
    expect(own.writableLength).toBeGreaterThan(0);
    expect(most).toBeLessThan(256 * 1024);
    const gathered = gather(socket);
    socket.resume();
    socket.write(LAST);
    await until(() => gathered().closed, { what: "all answers" });
    const all = statuses(gathered().received);
    expect(all.filter((status) => status === 200)).toHaveLength(sent);
    expect(all.at(-1)).toBe(404);
  });

  it("of a large CRL do not multiply it in memory", async () => {
    await captured.publishCRL(Buffer.alloc(2_000_000, "c"));
    const [first] = await exchangeAll(1, get("/crl/ca.crl") + LAST);
    expect(first?.received.length).toBeGreaterThan(2_000_000);
    const before = process.memoryUsage().arrayBuffers;
    const socket = await connected(server.port);
    socket.pause();
    socket.write(get("/crl/ca.crl").repeat(500));
    await sleep(300);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    socket.destroy();
  });

  it("may end in a reset at any time, and others are answered", async () => {
    const sockets = await Promise.all(Array.from({ length: 30 }, () => connected(server.port)));
    await Promise.all(
      sockets.map(async (socket, i) => {
        socket.on("error", () => undefined);
        socket.write(asking.repeat(2_000));
        if (i % 2 === 0) socket.pause();
        await sleep(i);
        socket.resetAndDestroy();
      }),
    );
    const answers = await exchangeAll(10, asking + LAST);
    expect(answers.filter(({ received }) => !received.startsWith(answer))).toEqual([]);
  });
});

function exchangeAll(count: number, text: string): Promise<{ received: string }[]> {
  return Promise.all(Array.from({ length: count }, () => exchange(server.port, [octets(text)])));
}

describe("a published file", () => {
  it("that cannot be read is 503, and the next request is answered", async () => {
    await captured.publishCRL(Buffer.from("gone"), "missing");
    const { received } = await exchange(server.port, [octets(get("/crl/ca.crl") + asking + LAST)]);
    expect(statuses(received)).toEqual([503, 200, 404]);
    expect(received).toMatch(/^HTTP\/1\.1 503 [\s\S]*?\r\nRetry-After: 10\r\n/);
  });

  it("that is too large to be kept comes from disk, whole and in its order", async () => {
    const crl = Buffer.alloc(5_000_000, "d");
    await captured.publishCRL(crl);
    const asked = get("/nothing") + get("/crl/ca.crl") + asking + LAST;
    const { received } = await exchange(server.port, [octets(asked)]);
    expect(statuses(received)).toEqual([404, 200, 200, 404]);
    expect(received.includes(`\r\n\r\n${crl.toString("latin1")}HTTP/1.1 200 OK`)).toBe(true);
  });
});
