import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { Http2Lane } from "../../src/responder/http2-lane.ts";
import { Peer } from "../../src/responder/peer.ts";
import { until } from "../support/until.ts";
import { serveCaptured } from "./captured-handler.ts";
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  type Frame,
  fields,
  frame,
  framesOf,
  GOAWAY,
  HEADERS,
  outcomeOf,
  PING,
  PREFACE,
  PRIORITY,
  RST_STREAM,
  request,
  SETTINGS,
  WINDOW_UPDATE,
  word,
} from "./http2-frames.ts";
import { silentLogger, startSocketServer } from "./lane-servers.ts";
import { connected, exchange, gather, LAST, octets, statuses } from "./raw-exchange.ts";

/* Frames that no well-behaved client sends, one by one and in floods. */

const { handler, port, publishCRL } = await serveCaptured();

const NOW = END_STREAM | END_HEADERS;
const PING_DATA = octets("pingping");

/** A raw session, and the frames that have come over it. */
interface RawSession {
  readonly socket: Socket;
  readonly frames: () => Frame[];
  readonly isClosed: () => boolean;
}

async function open(at: number = port): Promise<RawSession> {
  const socket = (await connected(at)).on("error", () => undefined);
  const gathered = gather(socket);
  socket.write(PREFACE);
  return {
    socket,
    frames: () => framesOf(gathered().received),
    isClosed: () => gathered().closed,
  };
}

/** Waits until all that was sent is read, or the session is over. */
async function settled({ socket, frames, isClosed }: RawSession): Promise<void> {
  const acks = (): number =>
    frames().filter(({ type, flags }) => type === PING && flags === ACK).length;
  const before = acks();
  socket.write(frame(PING, 0, 0, PING_DATA));
  await until(() => isClosed() || acks() > before, { what: "the answer to a PING", every: 5 });
}

const post = (id: number, ...more: readonly (readonly [string, string])[]): Buffer =>
  frame(HEADERS, END_HEADERS, id, request("POST", "/", ...more));
const get = (id: number): Buffer => frame(HEADERS, NOW, id, request("GET", "/"));

async function expectOthersServed(): Promise<void> {
  expect(statuses((await exchange(port, [octets(LAST)])).received)).toEqual([404]);
}

const pseudo = (...names: readonly string[]): (readonly [string, string])[] => {
  const values: Record<string, string> = {
    ":method": "GET",
    ":scheme": "http",
    ":path": "/",
    ":authority": "a",
  };
  return names.map((name) => [name, values[name] ?? "x"] as const);
};
const ALL = [":method", ":scheme", ":path", ":authority"];

describe("a request that is malformed (RFC 9113 8.1.1) is not answered, and its session goes on", () => {
  it.each([
    ["a name in capitals", fields(...pseudo(...ALL), ["X-Up", "a"])],
    ["a pseudo-header behind a field", fields(...pseudo(":method", ":scheme", "x", ":path"))],
    [":path twice", fields(...pseudo(...ALL, ":path"))],
    [":method twice", fields(...pseudo(...ALL, ":method"))],
    ["no :method", fields(...pseudo(":scheme", ":path", ":authority"))],
    ["no :path", fields(...pseudo(":method", ":scheme", ":authority"))],
    ["no :scheme", fields(...pseudo(":method", ":path", ":authority"))],
    ["an empty :path", fields([":method", "GET"], [":scheme", "http"], [":path", ""])],
    [":status", fields(...pseudo(...ALL), [":status", "200"])],
    ["an unknown pseudo-header", fields(...pseudo(...ALL), [":x", "a"])],
    ["Connection", request("GET", "/", ["connection", "close"])],
    ["Transfer-Encoding", request("GET", "/", ["transfer-encoding", "chunked"])],
    ["Upgrade", request("GET", "/", ["upgrade", "h2c"])],
    ["TE but trailers", request("GET", "/", ["te", "gzip"])],
    ["two lengths", request("GET", "/", ["content-length", "0"], ["content-length", "1"])],
    ["a length with a sign", request("GET", "/", ["content-length", "+0"])],
    ["a length of a request without a body", request("GET", "/", ["content-length", "5"])],
    ["two Hosts", request("GET", "/", ["host", "a"], ["host", "b"])],
  ])("%s", async (_, block) => {
    const session = await open();
    session.socket.write(frame(HEADERS, NOW, 1, block));
    session.socket.write(frame(HEADERS, NOW, 3, request("GET", "/")));
    await until(() => outcomeOf(session.frames(), 3) !== "none" || session.isClosed(), {
      what: "the answer to the one behind it",
    });
    expect([outcomeOf(session.frames(), 1), outcomeOf(session.frames(), 3)]).toEqual([
      "reset",
      200,
    ]);
    session.socket.destroy();
  });

  it.each([
    [
      "an authority with a user",
      fields(...pseudo(":method", ":scheme", ":path"), [":authority", "u@a"]),
    ],
    ["a Host that differs from :authority", request("GET", "/", ["host", "b"])],
  ])("nor is one with %s", async (_, block) => {
    const session = await open();
    session.socket.write(frame(HEADERS, NOW, 1, block));
    await until(() => outcomeOf(session.frames(), 1) !== "none", { what: "an outcome" });
    expect(["reset", 400]).toContain(outcomeOf(session.frames(), 1));
    session.socket.destroy();
  });

  it("nor is a body of fewer octets than its length", async () => {
    const session = await open();
    session.socket.write(post(1, ["content-length", "5"]));
    session.socket.write(frame(DATA, END_STREAM, 1, octets("abc")));
    await until(() => outcomeOf(session.frames(), 1) !== "none", { what: "an outcome" });
    expect(outcomeOf(session.frames(), 1)).toBe("reset");
    session.socket.destroy();
  });
});

it("a body of more octets than its length ends the session, which node:http2 does by itself", async () => {
  const session = await open();
  session.socket.write(post(1, ["content-length", "2"]));
  session.socket.write(frame(DATA, END_STREAM, 1, octets("abc")));
  await until(session.isClosed, { what: "the session's end" });
  expect(outcomeOf(session.frames(), 1)).toBe("none");
});

it.each([
  ["LF in a value", ["x-forwarded-for", "a\nb"]],
  ["CR in a value", ["x-forwarded-for", "a\rb: c"]],
  ["NUL in a value", ["x-forwarded-for", "a\0"]],
  ["a blank in a name", ["x y", "a"]],
  ["a colon in a name", ["x:y", "a"]],
  ["an empty name", ["", "a"]],
  ["a Host of blanks", ["host", "a b"]],
] as const)("a field with %s is left out, and the rest answered (nghttp2)", async (_, field) => {
  const session = await open();
  session.socket.write(frame(HEADERS, NOW, 1, request("GET", "/", field)));
  await until(() => outcomeOf(session.frames(), 1) !== "none", { what: "an outcome" });
  expect(outcomeOf(session.frames(), 1)).toBe(200);
  session.socket.destroy();
});

/** What is sent again and again; each stream has a number of its own. */
const FLOODS: readonly (readonly [string, (id: number) => Buffer[]])[] = [
  ["rapid reset", (id) => [get(id), frame(RST_STREAM, 0, id, word(8))]],
  ["made resets: an increment of 0", (id) => [post(id), frame(WINDOW_UPDATE, 0, id, word(0))]],
  [
    "made resets: a window beyond 31 bits",
    (id) => [post(id), frame(WINDOW_UPDATE, 0, id, word(0x7fffffff))],
  ],
  ["made resets: DATA after the end", (id) => [get(id), frame(DATA, 0, id, octets("x"))]],
  ["made resets: HEADERS after the end", (id) => [get(id), get(id)]],
  [
    "made resets: bad trailers",
    (id) => [post(id), frame(HEADERS, NOW, id, fields([":path", "/"]))],
  ],
  [
    "made resets: another length",
    (id) => [post(id, ["content-length", "5"]), frame(DATA, END_STREAM, id, octets("x"))],
  ],
  [
    "made resets: a priority on itself",
    (id) => [post(id), frame(PRIORITY, 0, id, Buffer.concat([word(id), Buffer.of(1)]))],
  ],
  ["malformed requests", (id) => [frame(HEADERS, NOW, id, request("GET", "/", ["X-Up", "a"]))]],
  [
    "CONTINUATION without end",
    (id) =>
      id === 1
        ? [frame(HEADERS, END_STREAM, 1, request("GET", "/"))]
        : [frame(CONTINUATION, 0, 1, fields(["x", "y".repeat(100)]))],
  ],
  ["empty DATA", (id) => (id === 1 ? [post(1)] : [frame(DATA, 0, 1)])],
  ["priorities", (id) => [frame(PRIORITY, 0, id, Buffer.concat([word(0), Buffer.of(1)]))]],
];
const A_ROUND = 50;
const MOST_ROUNDS = 400;

describe("a client that sends without end is let go, and others are served", () => {
  it.each(FLOODS)("%s", async (_, framesFor) => {
    const session = await open();
    for (let round = 0; round < MOST_ROUNDS && !session.isClosed(); round++) {
      const ids = Array.from({ length: A_ROUND }, (__, i) => 2 * (round * A_ROUND + i) + 1);
      session.socket.write(Buffer.concat(ids.flatMap(framesFor)));
      await settled(session);
    }
    expect(session.isClosed()).toBe(true);
    await expectOthersServed();
    session.socket.destroy();
  });

  it.each([
    ["PING", () => frame(PING, 0, 0, PING_DATA)],
    ["SETTINGS", () => frame(SETTINGS, 0, 0, Buffer.concat([Buffer.of(0, 4), word(65_535)]))],
  ])("%s, whose answers nobody takes", async (_, one) => {
    const { socket } = await open();
    socket.pause();
    const all = Buffer.concat(Array.from({ length: 1_000 }, one));
    await until(
      () => {
        if (!socket.destroyed) socket.write(all);
        return socket.destroyed;
      },
      { what: "the session's end", every: 5 },
    );
    await expectOthersServed();
  });
});

it("where too many streams are open, the session ends that has the most of them, and no other", async () => {
  const lane = new Http2Lane({ handler, log: silentLogger(), tick: () => 0, mostOpenStreams: 10 });
  const peer = new Peer("127.0.0.1");
  const few = await startSocketServer((socket) => lane.take(socket, Buffer.alloc(0), peer));
  const streams = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, i) => post(2 * i + 1)));
  const sessions: RawSession[] = [];
  for (const count of [3, 5, 2]) {
    const session = await open(few.port);
    session.socket.write(streams(count));
    await settled(session);
    sessions.push(session);
  }
  expect(sessions.filter(({ isClosed }) => isClosed())).toEqual([]);
  const more = await open(few.port);
  more.socket.write(streams(1));
  await until(() => sessions[1]?.isClosed(), { what: "the end of the one with the most" });
  for (const session of [sessions[0], sessions[2], more] as RawSession[]) {
    session.socket.write(frame(DATA, END_STREAM, 1, octets("x")));
    await until(() => outcomeOf(session.frames(), 1) !== "none", { what: "the answer" });
    expect(outcomeOf(session.frames(), 1)).toBe(200);
  }
  // Room was made: what has been answered is not open any more.
  const next = await open(few.port);
  next.socket.write(streams(6));
  await settled(next);
  expect([more, next].map(({ isClosed }) => isClosed())).toEqual([false, false]);
  for (const { socket } of [...sessions, more, next]) socket.destroy();
  await few.close();
});

describe("a client that goes", () => {
  it("with GOAWAY in the midst of its requests gets its answers", async () => {
    const session = await open();
    const goaway = frame(GOAWAY, 0, 0, Buffer.concat([word(0), word(0)]));
    session.socket.write(Buffer.concat([get(1), post(3), goaway]));
    session.socket.write(frame(DATA, END_STREAM, 3, octets("x")));
    await until(() => session.isClosed(), { what: "the end" });
    expect([1, 3].map((id) => outcomeOf(session.frames(), id))).toEqual([200, 200]);
  });

  it("with half of its connection in the midst of answers leaves the server as it was", async () => {
    await publishCRL(Buffer.alloc(5_000_000, "h"));
    const session = await open();
    session.socket.end(
      Buffer.concat([frame(HEADERS, NOW, 1, request("GET", "/crl/ca.crl")), get(3)]),
    );
    await until(() => session.isClosed(), { what: "the end" });
    await expectOthersServed();
  });
});

it("20,000 requests of one session, one after the other, are all answered", async () => {
  const client: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${port}`);
  let answered = 0;
  const ask = async (): Promise<void> => {
    for (let count = 0; count < 400; count++) {
      const stream = client.request({ ":path": "/" }).resume();
      const [headers] = await once(stream, "response");
      if (headers[":status"] === 200) answered++;
      if (!stream.closed) await once(stream, "close");
    }
  };
  await Promise.all(Array.from({ length: 50 }, ask));
  expect(answered).toBe(20_000);
  client.destroy();
}, 120_000);
