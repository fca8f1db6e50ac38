import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { pipeline } from "node:stream";
import type { Logger } from "../observe/logger.ts";
import { errorText } from "../observe/logger.ts";
import type { Handler } from "./handler.ts";
import { LARGEST_BODY } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { ListenTarget } from "./listen.ts";

const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
const IDLE_MS = 15_000;
const LARGEST_HEADERS = 16 * 1024;
/** How long connections have after the word to stop (they may be idle, or slow). */
const FAREWELL_MS = 4_000;

/** The HTTP/1.1 service over `node:http`. */
export class HttpServer {
  readonly #handler: Handler;
  readonly #log: Logger;
  readonly #server: Server;
  #stopping = false;

  constructor(handler: Handler, log: Logger) {
    this.#handler = handler;
    this.#log = log;
    this.#server = createServer({
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: LARGEST_HEADERS,
      // A Date of our own goes with each answer, the same on every lane.
      noDelay: true,
    });
    this.#server.on("request", (request, response) => this.#serve(request, response));
    this.#server.on("checkContinue", (request, response) => {
      if (!isTooLarge(request)) response.writeContinue();
      this.#serve(request, response);
    });
  }

  /** Resolves when connections are accepted; rejects when the address cannot be had. */
  listen(target: ListenTarget): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(target, resolve);
    });
  }

  /**
   * Stops: accepts no more, answers each connection's next request with `Connection: close`, and resolves
   * when none is left or after 4 s.
   */
  stop(): Promise<void> {
    this.#stopping = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#server.closeAllConnections();
        resolve();
      }, FAREWELL_MS);
      // Not http.Server's own close(), which resets idle connections that may just be sending.
      NetServer.prototype.close.call(this.#server, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.sendDate = false;
    const route = this.#handler.route(request.method ?? "", request.url ?? "");
    if (route.kind === "ocspPost") {
      this.#post(request, response);
      return;
    }
    const conditions = {
      ifNoneMatch: request.headers["if-none-match"],
      ifModifiedSince: request.headers["if-modified-since"],
    };
    const answer = this.#handler.answer(route, conditions);
    if (!(answer instanceof Promise)) {
      this.#send(request, response, answer);
      return;
    }
    answer
      .then((made) => this.#send(request, response, made))
      .catch((error: unknown) => {
        this.#log.error({ reason: errorText(error) }, "a published file cannot be read");
        response.writeHead(503, ["Cache-Control", "no-store", "Content-Length", "0"]).end();
      });
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    if (isTooLarge(request)) {
      this.#refuseBody(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else if (!response.headersSent) this.#refuseBody(request, response);
    });
    request.on("end", () => {
      if (response.headersSent) return;
      const [only] = chunks;
      const body = chunks.length === 1 && only ? only : Buffer.concat(chunks);
      this.#send(request, response, this.#handler.ocspPost(body));
    });
  }

  /** What is left of the body is not worth reading: the connection ends with the answer. */
  #refuseBody(request: IncomingMessage, response: ServerResponse): void {
    response.shouldKeepAlive = false;
    this.#send(request, response, this.#handler.bodyTooLarge());
    response.once("finish", () => request.destroy());
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    if (this.#stopping) response.shouldKeepAlive = false;
    response.writeHead(answer.status, answer.headers as string[]);
    if (request.method === "HEAD") response.end();
    else if (Buffer.isBuffer(answer.body)) response.end(answer.body);
    else pipeline(createReadStream(answer.body.path), response, () => undefined);
  }
}

function isTooLarge(request: IncomingMessage): boolean {
  return Number(request.headers["content-length"] ?? 0) > LARGEST_BODY;
}
