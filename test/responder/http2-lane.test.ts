import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { serveCaptured } from "./captured-handler.ts";
import { expectBeforeFarewell, startPublicServer, startSocketServer } from "./lane-servers.ts";
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

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const captured = await serveCaptured();

/** A session that says nothing of its errors: tests look at what they lead to. */
function session(port: number = captured.port): ClientHttp2Session {
  return connect(`http://127.0.0.1:${port}`).on("error", () => undefined);
}

/** The status of the answer, and its body's octets. */
async function answerOf(stream: ClientHttp2Stream): Promise<{ status: number; size: number }> {
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
  });
  const [headers] = await once(stream, "response");
  if (!stream.readableEnded) await once(stream, "end");
  return { status: headers[":status"], size };
}

describe("the preface", () => {
  it("may come octet by octet, and all after it too", async () => {
    const slow = await startSocketServer((socket) => {
      const onward = connectSocket({ port: captured.port, host: "127.0.0.1", noDelay: true });
      onward.on("error", () => undefined).pipe(socket);
      singly(socket, onward);
    });
    const client = session(slow.port);
    expect(await answerOf(client.request({ ":path": "/" }))).toMatchObject({ status: 200 });
    client.destroy();
    await slow.close();
  });

  it.each([
    ["with another end", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"],
    ["with another version", "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n"],
    ["with LF", "PRI * HTTP/2.0\n\nSM\n\n"],
    ["in other letters", "pri * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["as a method", "PRI / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["cut short", `PRI * HTTP/2.0\r\n\r\n${get("/")}`],
    ["after an empty line", `\r\n${PREFACE}`],
  ])("that is none, %s, is 400", async (_, lookalike) => {
    for (const pieces of [
      [octets(lookalike)],
      Array.from(octets(lookalike), (o) => Buffer.of(o)),
    ]) {
      const { received, closed } = await exchange(captured.port, pieces);
      expect(statuses(received)).toEqual([400]);
      expect(closed).toBe(true);
    }
  });

  it("behind a request of HTTP/1.1 is 400", async () => {
    const { received, closed } = await exchange(captured.port, [octets(get("/")), octets(PREFACE)]);
    expect(statuses(received)).toEqual([200, 400]);
    expect(closed).toBe(true);
  });

  it("and then no frames at all ends the connection", async () => {
    const { closed, received } = await exchange(captured.port, [octets(`${PREFACE}${get("/")}`)]);
    expect(closed).toBe(true);
    expect(statuses(received)).toEqual([]);
  });
});

/** Sends on what comes, each octet as a packet of its own. */
function singly(from: Socket, to: Socket): void {
  let sent = Promise.resolve();
  from.on("data", (chunk: Buffer) => {
    sent = sent.then(async () => {
      for (const octet of chunk) {
        to.write(Buffer.of(octet));
        await turn();
      }
    });
  });
}

/** Whether the server answers a new connection, in either version. */
async function answers(): Promise<void> {
  const client = session();
  expect((await answerOf(client.request({ ":path": "/" }))).status).toBe(200);
  client.destroy();
  expect(statuses((await exchange(captured.port, [octets(LAST)])).received)).toEqual([404]);
}

describe("clients that reset", () => {
  it("each of 1,000 streams behind its HEADERS are answered nothing, and others are", async () => {
    await captured.publishCRL(Buffer.alloc(100_000, "r"));
    const client = session();
    await once(client, "connect");
    for (let count = 0; count < 1_000; count++) {
      const stream = client.request({ ":path": "/crl/ca.crl" }).on("error", () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      if (count % 50 === 0) await turn();
    }
    await sleep(100);
    await answers();
    client.destroy();
  });

  it("without end are let go", async () => {
    const client = session();
    const closed = new Promise((resolve) => client.once("close", resolve));
    await once(client, "connect");
    for (let count = 0; count < 20_000 && !client.closed; count++) {
      const method = count % 2 === 0 ? "GET" : "POST";
      const stream = client.request({ ":path": "/", ":method": method }, { endStream: false });
      stream.on("error", () => undefined).close(constants.NGHTTP2_CANCEL);
      if (count % 50 === 0) await turn();
    }
    await closed;
    await answers();
  });

  it("the connection in the midst of answers leave the server as it was", async () => {
    await captured.publishCRL(Buffer.alloc(5_000_000, "e"));
    for (let count = 0; count < 20; count++) {
      const client = session();
      const stream = client.request({ ":path": "/crl/ca.crl" }).on("error", () => undefined);
      await once(stream, "response");
      client.destroy();
    }
    await answers();
  });
});

describe("a body that is too large", () => {
  it("is 413, and the stream is over although more would come", async () => {
    const client = session();
    const stream = client.request({ ":path": "/", ":method": "POST" }, { endStream: false });
    stream.write(Buffer.alloc(10_001));
    expect((await answerOf(stream)).status).toBe(413);
    await until(() => stream.destroyed, { what: "the stream's end" });
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    expect((await answerOf(client.request({ ":path": "/" }))).status).toBe(200);
    client.destroy();
  });
});

it("CONNECT is 405, with what is allowed", async () => {
  const client = session();
  const stream = client.request({ ":method": "CONNECT", ":authority": "ocsp.example.vn:80" });
  const [headers] = await once(stream, "response");
  expect(headers).toMatchObject({ ":status": 405, allow: "GET, HEAD, POST" });
  client.destroy();
});

describe("a client that waits for 100 Continue", () => {
  const waiting = (length: number): ClientHttp2Stream =>
    session().request(
      { ":method": "POST", ":path": "/", expect: "100-continue", "content-length": length },
      { endStream: false },
    );

  it("is told to go on, and gets its answer", async () => {
    const stream = waiting(3);
    await once(stream, "continue");
    stream.end("abc");
    expect(await answerOf(stream)).toEqual({ status: 200, size: 5 });
    stream.session?.destroy();
  });

  it("is refused at once where the body would be too large", async () => {
    const stream = waiting(10_001);
    let isContinued = false;
    stream.once("continue", () => {
      isContinued = true;
    });
    expect(await answerOf(stream)).toMatchObject({ status: 413 });
    expect(isContinued).toBe(false);
    stream.session?.destroy();
  });
});

describe("a server that stops", () => {
  it("says GOAWAY, and answers what was asked before", async () => {
    const stopping = await startPublicServer(captured.handler);
    const client = session(stopping.port);
    const stream = client.request({ ":path": "/", ":method": "POST" }, { endStream: false });
    await once(client, "remoteSettings");
    stream.write("a");
    await settle();
    const goaway = once(client, "goaway");
    const stopped = stopping.close();
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    stream.end("b");
    expect(await answerOf(stream)).toEqual({ status: 200, size: 5 });
    await Promise.all([once(client, "close"), stopped]);
  });

  it("says it to a session that begins only then", async () => {
    const stopping = await startPublicServer(captured.handler);
    const socket = await connected(stopping.port);
    const gathered = gather(socket);
    socket.write(PREFACE.slice(0, 10));
    await settle();
    const stopped = stopping.close();
    // And then an empty SETTINGS frame (RFC 9113 3.4).
    socket.write(octets(`${PREFACE.slice(10)}\0\0\0\x04\0\0\0\0\0`));
    await expectBeforeFarewell(stopped);
    // A GOAWAY of 8 octets on stream 0 (RFC 9113 6.8).
    expect(gathered().received).toContain("\0\0\x08\x07\0\0\0\0\0");
    expect(gathered().closed).toBe(true);
  });

  it("answers the first request of such a session all the same", async () => {
    const stopping = await startPublicServer(captured.handler);
    const socket = await connected(stopping.port);
    const stopped = stopping.close();
    const client = connect(`http://127.0.0.1:${stopping.port}`, { createConnection: () => socket });
    await once(client, "remoteSettings");
    // Whatever else it has been told by now.
    await settle();
    const goaway = once(client, "goaway");
    const stream = client.request({ ":path": "/", ":method": "POST" }, { endStream: false });
    stream.end("abc");
    expect(await answerOf(stream)).toEqual({ status: 200, size: 5 });
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    await expectBeforeFarewell(stopped);
  });

  it("ends sessions that hold on, after 4 s", async () => {
    const stopping = await startPublicServer(captured.handler);
    const client = session(stopping.port);
    client
      .request({ ":path": "/", ":method": "POST" }, { endStream: false })
      .on("error", () => undefined);
    await once(client, "remoteSettings");
    await settle();
    const began = performance.now();
    await stopping.close();
    const seconds = (performance.now() - began) / 1000;
    expect(seconds).toBeGreaterThan(3.5);
    // One that does not stop keeps them for 15 s.
    expect(seconds).toBeLessThan(14);
  });
});
