import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import type { Question } from "./questions.ts";
import type { RunningServer, Way } from "./server.ts";

/** A whole response. */
export interface Answer {
  readonly status: number;
  readonly contentLength: string | undefined;
  /** Of an answer over HTTP/1.1: status line and headers with the line that ends them. */
  readonly headOctets: number;
  readonly body: Buffer;
}

const TIMEOUT_MS = 10_000;
const POST_HEADERS = { "content-type": "application/ocsp-request" };

/** Asks one question in one way, on a connection of its own. */
export function ask(server: RunningServer, way: Way, question: Question): Promise<Answer> {
  const origin = `http://127.0.0.1:${server.port(way.protocol)}`;
  return way.protocol === "h2c" ? askHttp2(origin, way, question) : askHttp1(origin, way, question);
}

function askHttp1(origin: string, way: Way, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method } = way;
    const path = method === "GET" ? question.path : "/";
    // As the load will come: heads differ with it.
    const agent = way.protocol === "keep-alive" && new Agent({ keepAlive: true });
    const headers =
      method === "GET" ? {} : { ...POST_HEADERS, "content-length": question.der.length };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const asked = request(origin + path, { method, headers, agent, signal }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("error", reject);
      response.once("end", () => {
        if (agent) agent.destroy();
        resolve({
          status: response.statusCode ?? 0,
          contentLength: response.headers["content-length"],
          headOctets: headOctets(response),
          body: Buffer.concat(pieces),
        });
      });
    });
    asked.once("error", reject);
    asked.end(method === "GET" ? undefined : question.der);
  });
}

function headOctets({ rawHeaders, statusMessage = "" }: IncomingMessage): number {
  const [line, fieldEnds, end] = ["HTTP/1.1 200 \r\n".length, ": \r\n".length, "\r\n".length];
  const fields = rawHeaders.join("").length + (rawHeaders.length / 2) * fieldEnds;
  return line + statusMessage.length + fields + end;
}

function askHttp2(origin: string, { method }: Way, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(origin);
    session.once("error", reject);
    session.setTimeout(TIMEOUT_MS, () => session.destroy(new Error("no answer")));
    const path = method === "GET" ? question.path : "/";
    const more = method === "GET" ? {} : POST_HEADERS;
    const stream = session.request({ ":method": method, ":path": path, ...more });
    const pieces: Buffer[] = [];
    let status = 0;
    let contentLength: string | undefined;
    stream.once("response", (headers) => {
      status = headers[":status"] ?? 0;
      contentLength = headers["content-length"];
    });
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.once("error", reject);
    stream.once("end", () => {
      session.close();
      resolve({ status, contentLength, headOctets: 0, body: Buffer.concat(pieces) });
    });
    stream.end(method === "GET" ? undefined : question.der);
  });
}
