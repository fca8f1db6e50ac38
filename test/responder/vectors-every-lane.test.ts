import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vector } from "../support/captured-site.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { type CapturedHandler, openCapturedHandler } from "./captured-handler.ts";
import { type Answered, type Asked, LANES, type Matrix, startMatrix } from "./lane-matrix.ts";
import { type Listening, startPublicServer, startTlsServer } from "./lane-servers.ts";
import { type Exchange, endOrQuiet, exchange, gather, statuses } from "./raw-exchange.ts";
import { files, type Message, toTheEnd, vectors } from "./vector-messages.ts";

/*
 * Every vector through every lane: over TLS as raw octets, and, as far as it can be asked there, over HTTP/2. All
 * answers are made in one second, so they have to be equal to the octet.
 */

let captured: CapturedHandler;
let plain: Listening;
let tls: Listening;
let matrix: Matrix;

beforeAll(async () => {
  captured = await openCapturedHandler();
  plain = await startPublicServer(captured.handler);
  tls = await startTlsServer(captured.handler, makeTlsFiles("vectors"));
  matrix = await startMatrix(captured.handler);
});

afterAll(async () => {
  await Promise.all([plain?.close(), tls?.close(), matrix?.close()]);
  await captured?.close();
});

/** Sends all of it, and gathers what comes until the other side ends, or is quiet. */
async function overTls(sent: Buffer): Promise<Exchange> {
  const socket = connectTls({ port: tls.port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const gathered = gather(socket);
  socket.write(sent);
  await endOrQuiet(socket);
  socket.destroy();
  return gathered();
}

/** A head that is far too long is refused while it still comes: the refusal may be lost with the connection. */
function isRefusedEarly({ name }: Message): boolean {
  return name.endsWith("58-header-64k.http");
}

describe("over TLS, HTTP/1.1 gets the same octets as without", () => {
  it.each(vectors)("$name", async (message) => {
    const sent = Buffer.concat(toTheEnd(message));
    const [inCleartext, secure] = await Promise.all([exchange(plain.port, [sent]), overTls(sent)]);
    if (isRefusedEarly(message)) {
      expect(["", "431"]).toContain(statuses(secure.received).join());
      expect(secure.closed).toBe(true);
    } else expect(secure).toEqual(inCleartext);
  });
});

const requests = [...files("synthetic", ".der"), ...files("client-captured", ".req.der")];

/** By POST, by GET as base64, and what a cache asks. */
function asked(der: Buffer): Asked[] {
  const path = `/ocsp/${encodeURIComponent(der.toString("base64"))}`;
  const byPost: Asked = { method: "POST", body: der };
  // node:http2 resets a stream whose head is longer than 64 KiB; 414 comes before that.
  if (path.length > 60_000) return [byPost];
  return [
    byPost,
    { path },
    { method: "HEAD", path },
    { path, fields: { "if-none-match": "*" } },
    { path, fields: { "if-modified-since": "Fri, 01 Jan 2027 00:00:00 GMT" } },
    { path, fields: { range: "bytes=0-1" } },
  ];
}

describe("the same octets and fields come through all lanes", () => {
  it.each(requests)("%s", async (file) => {
    for (const one of asked(vector(file))) {
      const [first, ...others] = await Promise.all(LANES.map((lane) => matrix.ask(lane, one)));
      for (const other of others) expect(other).toEqual(first as Answered);
    }
  });
});
