import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
} from "node:http2";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTlsFiles } from "../support/tls-files.ts";
import { type CapturedHandler, openCapturedHandler } from "./captured-handler.ts";
import { END_STREAM, frame, HEADERS, PREFACE, request } from "./http2-frames.ts";
import { type Listening, startPublicServer, startTlsServer } from "./lane-servers.ts";
import { connected, gather, get, octets, post, settle, statuses } from "./raw-exchange.ts";

/*
 * Clients that are slow on purpose, through every lane, in real time. All of one kind wait together: they are
 * begun before the first test, and looked at in each. `public-server.test.ts` has those that are idle.
 */

const TO_GENERAL = post(["Transfer-Encoding: chunked"], "0\r\n\r\n");
const MEGABYTE = 1_000_000;

const CRL = randomBytes(5 * MEGABYTE);

let captured: CapturedHandler;
let plain: Listening;
let tls: Listening;

/** How it ended: after how many seconds, and with what status or body where that can be told. */
interface End {
  readonly seconds: number;
  readonly status?: number | undefined;
  readonly body?: Buffer;
}

const clients = new Map<string, Promise<End>>();

/** One that never comes would keep its test waiting; so the longest time is given up at. */
function begin(name: string, client: () => Promise<End>): void {
  const late = sleep(100_000, { seconds: Number.POSITIVE_INFINITY }, { ref: false });
  clients.set(name, Promise.race([client(), late]));
}

beforeAll(async () => {
  captured = await openCapturedHandler();
  await captured.publishCRL(CRL);
  plain = await startPublicServer(captured.handler);
  tls = await startTlsServer(captured.handler, makeTlsFiles("slow"));
  const cleartext = (): Promise<Socket> => connected(plain.port);
  const secure = async (): Promise<Socket> => {
    const socket = connectTls({ port: tls.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket;
  };
  begin("head, fast lane", () => trickled(cleartext, "", get("/")));
  begin("head, general lane", () => trickled(cleartext, TO_GENERAL, get("/")));
  begin("head, fast lane over TLS", () => trickled(secure, "", get("/")));
  begin("head, general lane over TLS", () => trickled(secure, TO_GENERAL, get("/")));
  const LONG = post(["Content-Length: 50"], "");
  const CHUNKED = post(["Transfer-Encoding: chunked"], "32\r\n");
  begin("body, fast lane", () => trickled(cleartext, LONG, "a".repeat(50)));
  begin("body, general lane", () => trickled(cleartext, CHUNKED, "a".repeat(50)));
  begin("body, fast lane over TLS", () => trickled(secure, LONG, "a".repeat(50)));
  begin("body, general lane over TLS", () => trickled(secure, CHUNKED, "a".repeat(50)));
  begin("body, h2c", () => trickledStream(`http://127.0.0.1:${plain.port}`));
  begin("body, h2", () => trickledStream(`https://127.0.0.1:${tls.port}`));
  begin("reading, fast lane", () => notReading(cleartext, ""));
  begin("reading, general lane", () => notReading(cleartext, TO_GENERAL));
  begin("reading, fast lane over TLS", () => notReading(secure, ""));
  begin("reading, general lane over TLS", () => notReading(secure, TO_GENERAL));
  begin("reading, h2c", () => withoutWindow(`http://127.0.0.1:${plain.port}`));
  begin("reading, h2", () => withoutWindow(`https://127.0.0.1:${tls.port}`));
  begin("pings, h2c", () => pinging(`http://127.0.0.1:${plain.port}`));
  begin("pings, h2", () => pinging(`https://127.0.0.1:${tls.port}`));
  begin("handshake", halfHandshake);
  begin("head, h2c", () => halfHead(plain.port));
  begin("download, h2c", () => patientDownload(`http://127.0.0.1:${plain.port}`));
  begin("download, h2", () => patientDownload(`https://127.0.0.1:${tls.port}`));
});

afterAll(async () => {
  await Promise.all([plain?.close(), tls?.close()]);
  await captured?.close();
});

function since(began: number): number {
  return (performance.now() - began) / 1000;
}

/** Sends `first` at once and then an octet a second, until the other side ends. */
async function trickled(connect: () => Promise<Socket>, first: string, slow: string): Promise<End> {
  const socket = await connect();
  socket.on("error", () => undefined);
  const gathered = gather(socket);
  const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  if (first !== "") socket.write(first);
  await settle();
  const began = performance.now();
  for (const octet of slow) {
    if (gathered().closed) break;
    socket.write(octet);
    await Promise.race([sleep(1_000), ended]);
  }
  const seconds = since(began);
  const closed = gathered().closed;
  const status = statuses(gathered().received).at(-1);
  socket.destroy();
  return { seconds: closed ? seconds : Number.POSITIVE_INFINITY, status };
}

function session(url: string, settings = {}): ClientHttp2Session {
  return connectHttp2(url, { rejectUnauthorized: false, settings }).on("error", () => undefined);
}

function closeOf(stream: ClientHttp2Stream): Promise<unknown> {
  return new Promise((resolve) => stream.once("close", resolve));
}

async function trickledStream(url: string): Promise<End> {
  const client = session(url);
  await once(client, "remoteSettings");
  const stream = client.request({ ":method": "POST", ":path": "/" }, { endStream: false });
  stream.on("error", () => undefined).resume();
  let status: number | undefined;
  stream.once("response", (headers) => {
    status = headers[":status"];
  });
  const began = performance.now();
  const trickling = setInterval(() => stream.writable && stream.write("a"), 1_000);
  await closeOf(stream);
  clearInterval(trickling);
  const seconds = since(began);
  client.destroy();
  return { seconds, status };
}

/** Asks for megabytes of answers, and takes none of them. */
async function notReading(connect: () => Promise<Socket>, first: string): Promise<End> {
  const socket = await connect();
  socket.on("error", () => undefined);
  if (first !== "") {
    socket.write(first);
    await once(socket, "data");
  }
  socket.pause();
  const requests = get("/").repeat(100);
  const began = performance.now();
  while (!socket.destroyed && socket.bytesWritten < 40 * MEGABYTE) {
    socket.write(requests);
    await sleep(1);
    if (socket.writableLength > MEGABYTE) break;
  }
  while (!socket.destroyed && since(began) < 90) await sleep(250);
  const seconds = since(began);
  const isOver = socket.destroyed;
  socket.destroy();
  return { seconds: isOver ? seconds : Number.POSITIVE_INFINITY };
}

/** With a window of 0 no octet of an answer's body may be sent (RFC 9113 6.9.2). */
async function withoutWindow(url: string): Promise<End> {
  const client = session(url, { initialWindowSize: 0 });
  await once(client, "remoteSettings");
  const began = performance.now();
  const streams = Array.from({ length: 100 }, () =>
    client.request({ ":path": "/" }).on("error", () => undefined),
  );
  await Promise.all(streams.map(closeOf));
  const seconds = since(began);
  client.destroy();
  return { seconds };
}

/** Frames without requests keep no session open. */
async function pinging(url: string): Promise<End> {
  const client = session(url);
  await once(client, "remoteSettings");
  const began = performance.now();
  const pings = setInterval(() => client.closed || client.ping(() => undefined), 500);
  await once(client, "close");
  clearInterval(pings);
  return { seconds: since(began) };
}

/** Takes nothing of a CRL for most of a minute, and then the rest. */
async function patientDownload(url: string): Promise<End> {
  const client = session(url);
  const stream = client.request({ ":path": "/crl/ca.crl" });
  await once(stream, "response");
  const began = performance.now();
  // An idle session is told to end after 15 s, and ended 30 s later.
  await sleep(50_000);
  const body = await buffer(stream);
  client.close();
  return { seconds: since(began), body };
}

function halfHandshake(): Promise<End> {
  return nothingBehind(tls.port, octets("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"));
}

/** A head of HTTP/2 whose next frame never comes. */
function halfHead(port: number): Promise<End> {
  const begun = frame(HEADERS, END_STREAM, 1, request("GET", "/"));
  return nothingBehind(port, Buffer.concat([PREFACE, begun]));
}

async function nothingBehind(port: number, first: Buffer): Promise<End> {
  const socket = await connected(port);
  const gathered = gather(socket);
  const began = performance.now();
  socket.write(first);
  while (!gathered().closed && since(began) < 90) await sleep(100);
  socket.destroy();
  return { seconds: since(began) };
}

const BODIES = ["fast lane", "general lane", "fast lane over TLS", "general lane over TLS"];
const POSTS = [...BODIES, "h2c", "h2"];

describe("a head that comes octet by octet", () => {
  it.each(BODIES)("gets 408 after 10 s: %s", async (lane) => {
    const end = await clients.get(`head, ${lane}`);
    expect(end?.status).toBe(408);
    expect(end?.seconds).toBeGreaterThan(5);
    expect(end?.seconds).toBeLessThan(40);
  });
});

describe("a body that comes octet by octet", () => {
  it.each(POSTS)("gets 408 within 15 s: %s", async (lane) => {
    const end = await clients.get(`body, ${lane}`);
    expect(end?.status).toBe(408);
    expect(end?.seconds).toBeGreaterThan(5);
    expect(end?.seconds).toBeLessThan(40);
  });
});

describe("a client that takes nothing of its answers", () => {
  it.each(["fast lane", "fast lane over TLS", "h2c", "h2"])(
    "is let go after 30 s: %s",
    async (lane) => {
      const end = await clients.get(`reading, ${lane}`);
      expect(end?.seconds).toBeGreaterThan(20);
      expect(end?.seconds).toBeLessThan(90);
    },
  );

  /** node:http takes the request that it does not read on for a slow one; over TLS its parser may trip over the pause. */
  it.each(["general lane", "general lane over TLS"])("is let go by then: %s", async (lane) => {
    expect((await clients.get(`reading, ${lane}`))?.seconds).toBeLessThan(90);
  });
});

describe("a client that asks for nothing", () => {
  it.each(["h2c", "h2"])("is let go after 15 s, whatever frames it sends: %s", async (lane) => {
    const end = await clients.get(`pings, ${lane}`);
    expect(end?.seconds).toBeGreaterThan(10);
    expect(end?.seconds).toBeLessThan(40);
  });

  it("is let go 20 s into a head of HTTP/2 that does not go on", async () => {
    const end = await clients.get("head, h2c");
    expect(end?.seconds).toBeGreaterThan(10);
    expect(end?.seconds).toBeLessThan(40);
  });

  it("is let go 10 s into its handshake", async () => {
    const end = await clients.get("handshake");
    expect(end?.seconds).toBeGreaterThan(5);
    expect(end?.seconds).toBeLessThan(40);
  });
});

it.each(["h2c", "h2"])(
  "a client that takes nothing of a CRL for most of a minute gets the rest then: %s",
  async (lane) => {
    expect((await clients.get(`download, ${lane}`))?.body?.equals(CRL)).toBe(true);
  },
);

it("and all the while others are answered", async () => {
  await Promise.all(clients.values());
  const socket = await connected(plain.port);
  socket.write(get("/"));
  await once(socket, "data");
  socket.destroy();
});
