import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { duplexPair } from "node:stream";

/** A request as node:http has read it. */
export interface NodeRequest {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly keepAlive: boolean;
  /** Octets. */
  readonly body: number;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** Of waiting for what does not come. */
const MOST_MILLISECONDS = 30_000;

/**
 * Every whole request that node:http's own parser finds in these octets, in order, until it ends the
 * connection, refuses what comes, or has nothing left. Rejects when a request stays unfinished.
 */
export function nodeReads(octets: Buffer): Promise<NodeRequest[]> {
  const requests: NodeRequest[] = [];
  const server = createServer({ maxHeaderSize: 16 * 1024 });
  server.maxHeadersCount = 0;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    let body = 0;
    request.on("data", (chunk: Buffer) => {
      body += chunk.length;
    });
    request.once("end", () => {
      requests.push(seen(request, response, body));
      response.end();
    });
  });
  return converse(server, octets).then(() => requests);
}

function seen(request: IncomingMessage, response: ServerResponse, body: number): NodeRequest {
  return {
    method: request.method,
    target: request.url,
    keepAlive: response.shouldKeepAlive,
    body,
    ifNoneMatch: request.headers["if-none-match"],
    ifModifiedSince: request.headers["if-modified-since"],
  };
}

function converse(server: Server, octets: Buffer): Promise<void> {
  const [client, connection] = duplexPair();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const start = JSON.stringify(octets.toString("latin1", 0, 300));
      reject(new Error(`node:http still waits after ${octets.length} octets: ${start}`));
    }, MOST_MILLISECONDS);
    const done = (): void => {
      clearTimeout(timer);
      client.destroy();
      connection.destroy();
      resolve();
    };
    server.on("clientError", done);
    client.once("end", done);
    client.on("error", done).resume();
    server.emit("connection", connection);
    client.write(octets);
  });
}
