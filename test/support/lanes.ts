import { connect } from "node:http2";
import { rawConnection } from "./raw-http.ts";

/** What a lane gave back. */
export interface LaneAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

type Ask = (port: number, der: Uint8Array) => Promise<LaneAnswer>;

const HEAD = "POST /ocsp HTTP/1.1\r\nHost: ocsp.test\r\nContent-Type: application/ocsp-request\r\n";

async function overHttp1(port: number, octets: Buffer): Promise<LaneAnswer> {
  const connection = await rawConnection(port);
  connection.write(octets);
  return connection.next().finally(() => connection.destroy());
}

/** The ways into the daemon: the plain shape of a request, what only node:http takes, HTTP/2. */
export const LANES: Readonly<Record<string, Ask>> = {
  "the fast lane": (port, der) =>
    overHttp1(port, Buffer.concat([octets(`${HEAD}Content-Length: ${der.length}\r\n\r\n`), der])),
  "node:http, chunked": (port, der) => {
    const size = der.length === 0 ? "" : `${der.length.toString(16)}\r\n`;
    const end = der.length === 0 ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
    const head = octets(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${size}`);
    return overHttp1(port, Buffer.concat([head, der, octets(end)]));
  },
  h2c: overHttp2,
};

function overHttp2(port: number, der: Uint8Array): Promise<LaneAnswer> {
  const session = connect(`http://127.0.0.1:${port}`);
  return new Promise<LaneAnswer>((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": "/ocsp" });
    const pieces: Buffer[] = [];
    let head: ReadonlyMap<string, string> = new Map();
    session.once("error", reject);
    stream.once("error", reject);
    stream.once("response", (fields) => {
      head = new Map(Object.entries(fields).map(([name, value]) => [name, String(value)]));
    });
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.once("end", () => {
      resolve({ status: Number(head.get(":status")), headers: head, body: Buffer.concat(pieces) });
    });
    stream.end(der);
  }).finally(() => session.destroy());
}

function octets(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
