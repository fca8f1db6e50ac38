import type { Socket } from "node:net";
import { type Handler, LARGEST_BODY } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { headText, IDLE_SECONDS } from "./http-head.ts";
import { PlainRequest } from "./plain-request.ts";

/** Takes a connection over together with the octets that were read from it and not yet answered. */
export type HandOver = (socket: Socket, rest: Buffer) => void;

/** What the connections of this lane need of the server. */
export interface LaneContext {
  readonly handler: Handler;
  readonly toHttp1: HandOver;
  readonly toHttp2: HandOver;
  /** Whether the server is stopping: then each connection's next answer is its last. */
  readonly isStopping: () => boolean;
  /** Seconds, as of the server's last tick. */
  readonly tick: () => number;
}

/** The client connection preface of HTTP/2 (RFC 9113 3.4), as far as it tells. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** From the first octet of a request to its last. */
const REQUEST_SECONDS = 10;
const REQUEST_TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";
const NOTHING = Buffer.alloc(0);

/** What follows a request: the next one, more octets, another lane, or the end of the connection. */
type Next = "more" | "await" | "handOver" | "end";

/** One reading at a time: requests are read and answered without a pause between. */
const request = new PlainRequest();

/**
 * A connection in the fast lane: answers requests of the plain shape straight from the socket. Anything
 * else goes over to node:http or node:http2, with the octets that were read so far.
 */
export class FastConnection {
  readonly #socket: Socket;
  readonly #context: LaneContext;
  readonly #onData: (chunk: Buffer) => void;
  #rest: Buffer = NOTHING;
  #isFirst = true;
  #isExpired = false;
  /** When the request that is waited for, or the idle time, began. */
  #since: number;

  constructor(socket: Socket, context: LaneContext) {
    this.#socket = socket;
    this.#context = context;
    this.#since = context.tick();
    this.#onData = (chunk) => this.#read(chunk);
    socket.on("data", this.#onData);
  }

  /** Ends a connection that has been idle, or has taken too long over a request. */
  expire(now: number): void {
    const waits = this.#rest.length > 0;
    if (now - this.#since < (waits ? REQUEST_SECONDS : IDLE_SECONDS)) return;
    // A client that takes nothing would keep a goodbye waiting for ever.
    if (this.#isExpired) this.#socket.destroy();
    else if (waits) this.#socket.end(REQUEST_TIMEOUT);
    else this.#socket.end();
    this.#isExpired = true;
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#isFirst && this.#isHttp2(octets)) return;
    if (this.#rest.length === 0) this.#since = this.#context.tick();
    this.#rest = NOTHING;
    this.#answerAll(octets);
  }

  /** Whether it is HTTP/2, or may yet become it. */
  #isHttp2(octets: Buffer): boolean {
    const length = Math.min(octets.length, PREFACE.length);
    if (octets[0] !== PREFACE[0] || octets.compare(PREFACE, 0, length, 0, length) !== 0) {
      this.#isFirst = false;
      return false;
    }
    if (length === PREFACE.length) this.#handOver(this.#context.toHttp2, octets);
    else this.#rest = octets;
    return true;
  }

  /** Answers each request that is there whole; what they say goes out in one write. */
  #answerAll(octets: Buffer): void {
    const answers: Buffer[] = [];
    let at = 0;
    let next: Next = "more";
    while (next === "more" && at < octets.length) {
      next = this.#answerNext(octets, at, answers);
      if (next === "more") at = request.end;
    }
    this.#write(answers);
    if (next === "await") this.#rest = octets.subarray(at);
    else if (next === "handOver") this.#handOver(this.#context.toHttp1, octets.subarray(at));
    else if (next === "end") this.#end();
  }

  #answerNext(octets: Buffer, at: number, answers: Buffer[]): Next {
    const reading = request.read(octets, at);
    if (reading === "partial") return "await";
    // A body that is too large is not waited for: the general lane refuses it by its length.
    if (reading === "other" || request.contentLength > LARGEST_BODY) return "handOver";
    if (request.end > octets.length) return "await";
    const answer = this.#answer(octets);
    if (!answer) return "handOver";
    const isLast = !request.keepAlive || this.#context.isStopping();
    answers.push(encoded(answer, isLast));
    return isLast ? "end" : "more";
  }

  /** The answer to the request that was just read, or nothing where another lane must give it. */
  #answer(octets: Buffer): HttpAnswer | undefined {
    const { handler } = this.#context;
    const route = handler.route(request.method, request.target);
    if (route.kind === "ocspPost") {
      return handler.ocspPost(octets.subarray(request.bodyAt, request.end));
    }
    const answer = handler.answer(route, request);
    return answer instanceof Promise || !Buffer.isBuffer(answer.body) ? undefined : answer;
  }

  #write(answers: readonly Buffer[]): void {
    const [first] = answers;
    if (!first) return;
    const isTaken = this.#socket.write(answers.length === 1 ? first : Buffer.concat(answers));
    if (isTaken) return;
    // Not read from again before the client has taken what it asked for.
    this.#socket.pause();
    this.#socket.once("drain", () => this.#socket.resume());
  }

  #end(): void {
    this.#socket.off("data", this.#onData);
    this.#socket.resume();
    this.#socket.end();
  }

  #handOver(take: HandOver, rest: Buffer): void {
    this.#socket.off("data", this.#onData);
    // Paused, or the octets that are put back would flow to nobody.
    this.#socket.pause();
    take(this.#socket, rest);
  }
}

function encoded(answer: HttpAnswer, isLast: boolean): Buffer {
  const head = headText(answer.status, answer.headers, isLast ? "close" : "keep-alive");
  const body = request.method === "HEAD" ? NOTHING : (answer.body as Buffer);
  const out = Buffer.allocUnsafe(head.length + body.length);
  out.write(head, 0, "latin1");
  body.copy(out, head.length);
  return out;
}
