import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { type Logger, onceAMinute } from "../observe/logger.ts";
import { fileRequest } from "./file-request.ts";
import { type Client, type Handler, LARGEST_BODY } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { IDLE_SECONDS, LINGER_MS } from "./http-head.ts";

const MOST_STREAMS = 100;
/** How long a session that was told to end has for the answers that it still waits for. */
const FAREWELL_MS = 30_000;
/** What is on its way to a server that stops arrives within this: a round trip over a bad line. */
const NOTICE_MS = 1_000;
const LAST_POSSIBLE_STREAM = 2 ** 31 - 1;

/** The HTTP/2 lane over cleartext (h2c with prior knowledge, RFC 9113 3.3), over `node:http2`. */
export class Http2Lane {
  readonly #handler: Handler;
  readonly #complain: (error: unknown) => void;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  #isStopping = false;

  constructor(handler: Handler, log: Logger) {
    this.#handler = handler;
    this.#complain = onceAMinute((reason) =>
      log.error({ reason }, "a published file cannot be read"),
    );
    this.#server = createServer({
      settings: { maxConcurrentStreams: MOST_STREAMS, enablePush: false },
      // A client that opens and resets streams without end is let go (CVE-2023-44487).
      streamResetBurst: 1_000,
      streamResetRate: 100,
    });
    this.#server.on("session", (session) => this.#keep(session));
    this.#server.on("stream", (stream, headers, flags) =>
      this.#serve(stream as ServerHttp2Stream, headers, flags),
    );
    this.#server.on("sessionError", () => undefined);
  }

  /** Takes a connection over, with the octets that were read from it. */
  take(socket: Socket, rest: Buffer): void {
    if (rest.length > 0) socket.unshift(rest);
    // Not resumed: node:http2 reads from the handle itself, and would lose the preface.
    this.#server.emit("connection", socket);
  }

  /** Tells every session, and those that begin later, that it gets no more streams. */
  stop(): void {
    this.#isStopping = true;
    for (const session of this.#sessions) windDown(session);
  }

  #keep(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setTimeout(IDLE_SECONDS * 1000, () => sayFarewell(session));
    session.once("close", () => this.#sessions.delete(session));
    session.on("error", () => undefined);
    if (this.#isStopping) windDown(session);
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number): void {
    // A stream may be reset at any moment; that is the client's business.
    stream.on("error", () => undefined);
    const method = headers[":method"] ?? "";
    const route = this.#handler.route(method, headers[":path"] ?? "");
    if (route.kind === "ocspPost") {
      this.#post(stream);
      return;
    }
    // Where there is nothing to read, reading to the end would end the stream before its answer is out, with
    // an error that costs as much as the answer (`npm run bench`, GET over h2c).
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) stream.resume();
    const asked = fileRequest(method, headers);
    this.#give(stream, method, this.#handler.answer(route, asked, clientOf(stream)));
  }

  #give(stream: ServerHttp2Stream, method: string, answer: HttpAnswer | Promise<HttpAnswer>): void {
    if (!(answer instanceof Promise)) {
      send(stream, method, answer);
      return;
    }
    answer
      .then((made) => send(stream, method, made))
      .catch((error: unknown) => {
        this.#complain(error);
        if (!stream.destroyed) stream.respond({ ":status": 503 }, { endStream: true });
      });
  }

  #post(stream: ServerHttp2Stream): void {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else if (!stream.headersSent) this.#refuseBody(stream);
    });
    stream.on("end", () => {
      const [only] = chunks;
      const body = chunks.length === 1 && only ? only : Buffer.concat(chunks);
      if (stream.headersSent) return;
      this.#give(stream, "POST", this.#handler.ocspPost(body, clientOf(stream)));
    });
  }

  /** Reads on for a while: not every client takes a reset before the end of its body for an answer. */
  #refuseBody(stream: ServerHttp2Stream): void {
    send(stream, "POST", this.#handler.bodyTooLarge());
    // The answer is whole, so this is no error (RFC 9113 8.1).
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
    stream.once("close", () => clearTimeout(timer));
  }
}

/**
 * Tells the client to begin no more streams, and takes those that it began before it heard of that; then the
 * session ends with the last of them (RFC 9113 6.8).
 */
function windDown(session: ServerHttp2Session): void {
  // One that is being ended, by either side, can be told nothing more.
  if (session.closed || session.destroyed) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, LAST_POSSIBLE_STREAM);
  const timer = setTimeout(() => session.close(), NOTICE_MS);
  session.once("close", () => clearTimeout(timer));
}

/** A client that takes nothing of its answers would otherwise keep them, and the session, for ever. */
function sayFarewell(session: ServerHttp2Session): void {
  session.close();
  const timer = setTimeout(() => session.destroy(), FAREWELL_MS);
  session.once("close", () => clearTimeout(timer));
}

/** Its address is asked for by few, and costs as much as an answer. */
function clientOf({ session }: ServerHttp2Stream): Client {
  return {
    get address(): string {
      return session?.socket.remoteAddress ?? "";
    },
  };
}

function send(stream: ServerHttp2Stream, method: string, answer: HttpAnswer): void {
  const { status, headers, body } = answer;
  const isGone = stream.destroyed || stream.closed || stream.headersSent;
  if (!Buffer.isBuffer(body) && (isGone || method === "HEAD")) body.cancel();
  if (isGone) return;
  const fields = [":status", String(status)];
  for (let i = 0; i < headers.length; i += 2) {
    fields.push(lowerCase(headers[i] as string), headers[i + 1] as string);
  }
  const options = { sendDate: false, endStream: method === "HEAD" || status === 304 };
  stream.respond(fields as never, options as never);
  if (options.endStream) return;
  if (Buffer.isBuffer(body)) stream.end(body);
  else body.sendTo(stream);
}

const lowerCaseNames = new Map<string, string>();

/** Field names are in lower case (RFC 9113 8.2); there are few, and node:http2 would do it each time. */
function lowerCase(name: string): string {
  const known = lowerCaseNames.get(name);
  if (known !== undefined) return known;
  const made = name.toLowerCase();
  lowerCaseNames.set(name, made);
  return made;
}
