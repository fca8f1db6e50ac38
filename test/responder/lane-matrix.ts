import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Handler } from "../../src/responder/handler.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { startPublicServer, startTlsServer } from "./lane-servers.ts";
import { connected, gather, octets, post } from "./raw-exchange.ts";

/** The ways a request can take through a responder. */
export const LANES = [
  "fast lane",
  "general lane",
  "fast lane over TLS",
  "general lane over TLS",
  "h2c",
  "h2",
] as const;

export type Lane = (typeof LANES)[number];

/** A request that any lane can send. */
export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** What came back; names in lower case, without those of the connection itself. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The public service with both listeners. */
export interface Matrix {
  ask(lane: Lane, asked: Asked): Promise<Answered>;
  close(): Promise<void>;
}

const OF_THE_CONNECTION = ["connection", "keep-alive", "transfer-encoding"];
const TO_GENERAL_LANE = post(["Transfer-Encoding: chunked"], "0\r\n\r\n");

/** Starts it, with these proxies trusted; each request has a connection of its own. */
export async function startMatrix(
  handler: Handler,
  trustedProxies: readonly string[] = [],
): Promise<Matrix> {
  const plain = await startPublicServer(handler, trustedProxies);
  const tls = await startTlsServer(handler, makeTlsFiles("matrix"), trustedProxies);
  const cleartext = (): Promise<Socket> => connected(plain.port);
  const secure = async (): Promise<Socket> => {
    const socket = connectTls({ port: tls.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket;
  };
  const ways: Readonly<Record<Lane, (asked: Asked) => Promise<Answered>>> = {
    "fast lane": (asked) => overHttp1(cleartext, "", asked),
    "general lane": (asked) => overHttp1(cleartext, TO_GENERAL_LANE, asked),
    "fast lane over TLS": (asked) => overHttp1(secure, "", asked),
    "general lane over TLS": (asked) => overHttp1(secure, TO_GENERAL_LANE, asked),
    h2c: (asked) => overHttp2(`http://127.0.0.1:${plain.port}`, asked),
    h2: (asked) => overHttp2(`https://127.0.0.1:${tls.port}`, asked),
  };
  return {
    ask: (lane, asked) => ways[lane](asked),
    close: async () => {
      await Promise.all([plain.close(), tls.close()]);
    },
  };
}

/** `first` is answered before: a connection that is in the general lane stays there. */
async function overHttp1(
  connectNow: () => Promise<Socket>,
  first: string,
  { method = "GET", path = "/", fields = {}, body = "" }: Asked,
): Promise<Answered> {
  const socket = await connectNow();
  socket.on("error", () => undefined);
  if (first !== "") {
    socket.write(first);
    await once(socket, "data");
  }
  const gathered = gather(socket);
  const length = body.length > 0 ? [`Content-Length: ${body.length}`] : [];
  const more = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: a", "Connection: close", ...length, ...more];
  const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  socket.write(octets(`${lines.join("\r\n")}\r\n\r\n`));
  if (body.length > 0) socket.write(body);
  await ended;
  socket.destroy();
  return parsed(gathered().received);
}

function parsed(received: string): Answered {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headers.filter(([name]) => !OF_THE_CONNECTION.includes(name))),
    body: octets(rest.join("\r\n\r\n")),
  };
}

async function overHttp2(
  url: string,
  { method = "GET", path = "/", fields = {}, body = "" }: Asked,
): Promise<Answered> {
  const session: ClientHttp2Session = connectHttp2(url, { rejectUnauthorized: false });
  session.on("error", () => undefined);
  const stream = session.request(
    { ":method": method, ":path": path, ...fields },
    { endStream: body.length === 0 },
  );
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  if (body.length > 0) stream.end(body);
  const [headers] = await once(stream, "response");
  if (!stream.readableEnded) await once(stream, "end");
  session.destroy();
  const { ":status": status, ...others } = headers as Record<string, string>;
  return {
    status: Number(status),
    headers: Object.fromEntries(Object.entries(others)),
    body: Buffer.concat(pieces),
  };
}
