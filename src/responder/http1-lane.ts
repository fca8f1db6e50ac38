import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Logger, onceAMinute } from "../observe/logger.ts";
import { fileRequest } from "./file-request.ts";
import type { Client, Handler } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { Http1Connection } from "./http1-connection.ts";
import {
  IDLE_SECONDS,
  LARGEST_BODY,
  LARGEST_HEAD,
  LINGER_SECONDS,
  MOST_UNANSWERED,
  REQUEST_SECONDS,
  STALL_SECONDS,
} from "./limits.ts";
import { Peer } from "./peer.ts";
import { faultyHead, isTooLarge, type RefusedRequest } from "./refused-request.ts";
import { Roll } from "./roll.ts";
import { sendDownload } from "./send-download.ts";
import { greediest, Unanswered } from "./unanswered.ts";
import { endWith, oddMethod, type ParseFault, refusalOfFault, whenDone } from "./unreadable.ts";

/** Head and body together: what comes here is chunked, or waits for 100 Continue. */
const WHOLE_REQUEST_SECONDS = REQUEST_SECONDS + 5;
const STALL_MS = STALL_SECONDS * 1000;
const NOBODY = new Peer("");

/** What the lane needs of the server. */
export interface LaneServer {
  readonly handler: Handler;
  readonly log: Logger;
  /** Whether each connection's next answer is its last. */
  readonly isStopping: () => boolean;
  /** Seconds, as of the server's last tick. */
  readonly tick: () => number;
}

/** The general HTTP/1.x lane, over `node:http`: it answers whatever the fast lane does not. */
export class Http1Lane {
  readonly #handler: Handler;
  readonly #complain: (error: unknown) => void;
  readonly #isStopping: () => boolean;
  readonly #server: Server;
  readonly #tick: () => number;
  readonly #connections = new Roll<Socket, Http1Connection>();
  readonly #unanswered = new Unanswered(MOST_UNANSWERED);

  constructor({ handler, log, isStopping, tick }: LaneServer) {
    this.#handler = handler;
    this.#tick = tick;
    this.#complain = onceAMinute((reason) =>
      log.error({ reason }, "a published file cannot be read"),
    );
    this.#isStopping = isStopping;
    this.#server = createServer({
      headersTimeout: REQUEST_SECONDS * 1000,
      requestTimeout: WHOLE_REQUEST_SECONDS * 1000,
      keepAliveTimeout: IDLE_SECONDS * 1000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: LARGEST_HEAD,
      // It would refuse without a word.
      requireHostHeader: false,
    });
    this.#server.timeout = STALL_MS;
    // For who ends their side with their last request. Node.js has this, its types do not.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    // As many as their octets allow, which is what the fast lane takes.
    this.#server.maxHeadersCount = 0;
    // It never listens itself; this is what starts its clock for slow requests.
    this.#server.emit("listening");
    this.#server.on("request", (request, response) => {
      if (this.#takes(response)) this.#serve(request, response);
    });
    this.#server.on("checkContinue", (request, response) => {
      if (!this.#takes(response)) return;
      // In its turn: node:http would put 100 Continue into the midst of the answer to an earlier request.
      if (response.socket) this.#continue(request, response);
      else response.once("socket", () => this.#continue(request, response));
    });
    this.#server.on("checkExpectation", (request, response) => {
      if (this.#takes(response)) this.#refuseUnread(request, response, "expectationUnknown");
    });
    this.#server.on("clientError", (error, socket) => this.#refuse(error, socket as Socket));
    // node:http would end the connection without a word.
    this.#server.on("connect", (request, socket) => {
      this.#endAfter(socket as Socket, this.#handler.refuseMethod("CONNECT", request.url ?? ""));
    });
  }

  /** Takes a connection over, with the octets that were read from it: the beginning of a request. */
  take(socket: Socket, rest: Buffer, peer: Peer): Http1Connection {
    const connection = new Http1Connection(socket, peer, this.#tick);
    this.#connections.set(socket, connection);
    socket.once("close", () => {
      this.#connections.delete(socket);
      this.#unanswered.drop(connection);
    });
    socket.allowHalfOpen = true;
    socket.unshift(rest);
    this.#server.emit("connection", socket);
    // Without it node:http waits for octets that are there already.
    socket.resume();
    return connection;
  }

  #refuse(error: ParseFault, socket: Socket): void {
    const odd = oddMethod(error);
    const answer = odd
      ? this.#handler.refuseMethod(odd.method, odd.target)
      : this.#handler.refuse(refusalOfFault(error));
    this.#endAfter(socket, answer);
  }

  /** Ends a connection with an answer that comes after those before it, which are not cut short for its sake. */
  #endAfter(socket: Socket, answer: HttpAnswer): void {
    const connection = this.#connections.get(socket);
    if (connection?.isRefused) return;
    if (connection) connection.isRefused = true;
    const response = connection?.response;
    const event = response && whenDone(response);
    if (event) response.once(event, () => endWith(socket, answer));
    else endWith(socket, answer);
  }

  /** Whether a request is answered; where too many are not yet, the connection ends that has the most of them. */
  #takes(response: ServerResponse): boolean {
    const { socket } = response.req;
    const connection = this.#connections.get(socket);
    if (!connection) return false;
    response.sendDate = false;
    connection.begin(response);
    if (this.#unanswered.areTooMany) this.#endGreediest();
    if (socket.destroyed) return false;
    this.#unanswered.add(connection, response);
    return true;
  }

  #endGreediest(): void {
    const [socket, connection] = greediest(this.#connections) ?? [];
    socket?.destroy();
    if (connection) this.#unanswered.drop(connection);
  }

  #continue(request: IncomingMessage, response: ServerResponse): void {
    if (!isTooLarge(request) && !faultyHead(request)) response.writeContinue();
    this.#serve(request, response);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // node:http drops what came in one packet behind an upgrade, even one that is passed over.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    const fault = faultyHead(request);
    if (fault) {
      this.#refuseUnread(request, response, fault);
      return;
    }
    const route = this.#handler.route(request.method ?? "", request.url ?? "");
    if (route.kind === "ocspPost") {
      this.#post(request, response);
      return;
    }
    // As in the fast lane, which does not wait for the rest.
    if (route.kind === "targetTooLong") response.shouldKeepAlive = false;
    if (route.kind === "file" && !response.socket) {
      // In its turn: many requests in one go must not make many downloads.
      response.once("socket", () => this.#serve(request, response));
      return;
    }
    const asked = fileRequest(request.method, request.headers);
    this.#give(request, response, this.#handler.answer(route, asked, this.#clientOf(request)));
  }

  #give(
    request: IncomingMessage,
    response: ServerResponse,
    answer: HttpAnswer | Promise<HttpAnswer>,
  ): void {
    if (!(answer instanceof Promise)) {
      this.#send(request, response, answer);
      return;
    }
    answer
      .then((made) => this.#send(request, response, made))
      .catch((error: unknown) => {
        this.#complain(error);
        this.#send(request, response, this.#handler.fileUnreadable());
      });
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    if (isTooLarge(request)) {
      this.#refuseUnread(request, response, "bodyTooLarge");
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else if (!response.headersSent) this.#refuseUnread(request, response, "bodyTooLarge");
    });
    request.on("end", () => {
      if (response.headersSent) return;
      const answer = this.#handler.ocspPost(Buffer.concat(chunks), this.#clientOf(request));
      this.#give(request, response, answer);
    });
  }

  #clientOf({ socket, headers }: IncomingMessage): Client {
    const peer = this.#connections.get(socket)?.peer ?? NOBODY;
    return peer.clientOf(headers["x-forwarded-for"] as string | undefined);
  }

  /**
   * Ends the connection with the answer, but reads on for a while: a connection that is closed on octets
   * which nobody read is reset, and then the client may lose the answer (RFC 9112 9.6).
   */
  #refuseUnread(request: IncomingMessage, response: ServerResponse, why: RefusedRequest): void {
    response.shouldKeepAlive = false;
    const { status, headers, body } = this.#handler.refuse(why);
    response.writeHead(status, headers as string[]);
    response.write(body);
    const timer = setTimeout(() => request.destroy(), LINGER_SECONDS * 1000);
    request.once("end", () => response.end());
    request.once("close", () => clearTimeout(timer));
    request.resume();
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    if (this.#isStopping()) response.shouldKeepAlive = false;
    const { status, headers, body } = answer;
    response.writeHead(status, headers as string[]);
    if (!Buffer.isBuffer(body)) sendDownload(body, request, response);
    else if (request.method === "HEAD") response.end();
    else response.end(body);
  }
}
