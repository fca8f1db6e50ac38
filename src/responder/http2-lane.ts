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
import type { Client, Handler } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { whyRefused } from "./http2-head.ts";
import { type SessionPlace, TimedSession } from "./http2-session.ts";
import {
  LARGEST_BODY,
  LINGER_SECONDS,
  MOST_OPEN_STREAMS,
  MOST_STREAMS,
  RESETS_A_SECOND,
  RESETS_AT_ONCE,
} from "./limits.ts";
import type { Peer } from "./peer.ts";
import { BUSY, type Timed } from "./timed.ts";

/** What the lane needs of the server. */
export interface Http2Service {
  readonly handler: Handler;
  readonly log: Logger;
  /** Seconds, as of the server's last tick. */
  readonly tick: () => number;
  /** Of all sessions together. */
  readonly mostOpenStreams?: number;
}

/** A connection over which a session is being made. */
interface Arrival {
  readonly place: SessionPlace;
  timed?: TimedSession;
}

/** What keeps the time of a connection that ended before node:http2 could make a session of it. */
const ENDED: Timed = {
  expire: () => undefined,
  idleSince: () => BUSY,
  makeRoom: () => undefined,
};

/** The HTTP/2 lane, over `node:http2`: with prior knowledge in cleartext (RFC 9113 3.3), or after ALPN over TLS. */
export class Http2Lane {
  readonly #handler: Handler;
  readonly #complain: (error: unknown) => void;
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, TimedSession>();
  readonly #tick: () => number;
  /** What the session is made over that is just being made. */
  #arriving: Arrival | undefined;
  /** Of all sessions, with some that have ended. */
  #openStreams = 0;
  readonly #mostOpenStreams: number;
  #isStopping = false;

  constructor({ handler, log, tick, mostOpenStreams = MOST_OPEN_STREAMS }: Http2Service) {
    this.#handler = handler;
    this.#mostOpenStreams = mostOpenStreams;
    this.#tick = tick;
    this.#complain = onceAMinute((reason) =>
      log.error({ reason }, "a published file cannot be read"),
    );
    this.#server = createServer({
      settings: { maxConcurrentStreams: MOST_STREAMS, enablePush: false },
      streamResetBurst: RESETS_AT_ONCE,
      streamResetRate: RESETS_A_SECOND,
    });
    this.#server.on("session", (session) => this.#keep(session));
    this.#server.on("stream", (stream, headers, _flags, rawHeaders) =>
      this.#serve(stream as ServerHttp2Stream, headers, rawHeaders),
    );
    this.#server.on("sessionError", () => undefined);
  }

  /** Takes a connection over, with the octets that were read from it. */
  take(socket: Socket, rest: Buffer, peer: Peer): Timed {
    if (rest.length > 0) socket.unshift(rest);
    const count = (more: number): void => {
      this.#openStreams += more;
    };
    this.#arriving = { place: { socket, peer, tick: this.#tick, count } };
    // Not resumed: node:http2 reads from the handle itself, and would lose the preface.
    this.#server.emit("connection", socket);
    return this.#arriving.timed ?? ENDED;
  }

  /** Tells every session, and those that begin later, that it gets no more streams. */
  stop(): void {
    this.#isStopping = true;
    for (const timed of this.#sessions.values()) timed.windDown();
  }

  #keep(session: ServerHttp2Session): void {
    session.on("error", () => undefined);
    if (!this.#arriving) return;
    const timed = new TimedSession(session, this.#arriving.place);
    this.#arriving.timed = timed;
    this.#sessions.set(session, timed);
    session.once("close", () => {
      this.#sessions.delete(session);
      timed.forget();
    });
    if (this.#isStopping) timed.windDown();
  }

  #serve(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    // A stream may be reset at any moment; that is the client's business.
    stream.on("error", () => undefined);
    const timed = this.#begin(stream);
    if (!timed) return;
    const method = headers[":method"] ?? "";
    const client = timed.peer.clientOf(headers["x-forwarded-for"] as string | undefined);
    // CONNECT alone has none (RFC 9113 8.5).
    const route = this.#handler.route(method, headers[":path"] ?? "*");
    const refused = whyRefused(headers, rawHeaders);
    if (refused) {
      stream.resume();
      this.#send(stream, method, this.#handler.refuse(refused));
    } else if (route.kind === "ocspPost") this.#post(stream, headers, client);
    else {
      // Where there is nothing to read, reading to the end would end the stream before its answer is out, with
      // an error that costs as much as the answer (`npm run bench`, GET over h2c).
      if (!stream.endAfterHeaders) stream.resume();
      this.#give(stream, method, this.#handler.answer(route, fileRequest(method, headers), client));
    }
  }

  /** Counts a stream; returns what keeps its time, or nothing where its session is over. */
  #begin(stream: ServerHttp2Stream): TimedSession | undefined {
    const timed = stream.session && this.#sessions.get(stream.session as ServerHttp2Session);
    timed?.begin(stream);
    if (this.#openStreams > this.#mostOpenStreams) this.#endGreediest();
    return stream.destroyed ? undefined : timed;
  }

  /** Where too many streams are open, the session ends that has the most of them. */
  #endGreediest(): void {
    let greediest: TimedSession | undefined;
    let most = 0;
    for (const timed of this.#sessions.values()) {
      const open = timed.dropEnded();
      if (open > most) [greediest, most] = [timed, open];
    }
    if (this.#openStreams > this.#mostOpenStreams) greediest?.destroy();
  }

  #give(stream: ServerHttp2Stream, method: string, answer: HttpAnswer | Promise<HttpAnswer>): void {
    if (!(answer instanceof Promise)) {
      this.#send(stream, method, answer);
      return;
    }
    answer
      .then((made) => this.#send(stream, method, made))
      .catch((error: unknown) => {
        this.#complain(error);
        this.#send(stream, method, this.#handler.fileUnreadable());
      });
  }

  #post(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, client: Client): void {
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
      this.#give(stream, "POST", this.#handler.ocspPost(body, client));
    });
    if (Number(headers["content-length"] ?? 0) > LARGEST_BODY) this.#refuseBody(stream);
    else if (headers.expect !== undefined) sendContinue(stream);
  }

  /** Reads on for a while: not every client takes a reset before the end of its body for an answer. */
  #refuseBody(stream: ServerHttp2Stream): void {
    this.#send(stream, "POST", this.#handler.refuse("bodyTooLarge"));
    // The answer is whole, so this is no error (RFC 9113 8.1).
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_SECONDS * 1000);
    stream.once("close", () => clearTimeout(timer));
  }

  #send(stream: ServerHttp2Stream, method: string, answer: HttpAnswer): void {
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
    else {
      // The download itself sees to it that a client which takes nothing is let go.
      this.#sessions.get(stream.session as ServerHttp2Session)?.release(stream);
      body.sendTo(stream);
    }
  }
}

function sendContinue(stream: ServerHttp2Stream): void {
  if (!stream.destroyed && !stream.closed) stream.additionalHeaders({ ":status": 100 });
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
