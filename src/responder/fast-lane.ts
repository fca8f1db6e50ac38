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
/** Longer than clients are told: what one sends in its last moment is still answered. */
const KEPT_SECONDS = IDLE_SECONDS + 2;
/** A client that takes nothing for so long, or does not end when we did, is let go. */
const STALL_SECONDS = 30;
/** No more is made before it has been seen whether the client takes it. */
const LARGEST_WRITE = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** What follows a request: the next one, more octets, another lane, or the end of the connection. */
type Next = "more" | "await" | "handOver" | "end";

/** What a connection waits for: a request or its rest, that what was written is taken, or nothing more. */
type Waiting = "request" | "drain" | "nothing";

/** One reading at a time: requests are read and answered without a pause between. */
const request = new PlainRequest();

/** The answers that go out in one write, and how far the requests go that are answered. */
class Batch {
  at = 0;
  /** Octets. */
  size = 0;
  #answers: Buffer[] = [];

  add(answer: Buffer): void {
    this.#answers.push(answer);
    this.size += answer.length;
  }

  /** All answers as one; none are left. */
  take(): Buffer {
    const [first] = this.#answers;
    const all =
      first && this.#answers.length === 1 ? first : Buffer.concat(this.#answers, this.size);
    this.#answers = [];
    this.size = 0;
    return all;
  }
}

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
  #waitsFor: Waiting = "request";
  /** When the waiting began. */
  #since: number;

  constructor(socket: Socket, context: LaneContext) {
    this.#socket = socket;
    this.#context = context;
    this.#since = context.tick();
    this.#onData = (chunk) => this.#read(chunk);
    socket.on("data", this.#onData);
  }

  /** Ends a connection that has been idle, or has taken too long over a request or an answer. */
  expire(now: number): void {
    if (now - this.#since < this.#patience()) return;
    if (this.#waitsFor !== "request") {
      this.#socket.destroy();
      return;
    }
    if (this.#rest.length > 0) this.#socket.write(REQUEST_TIMEOUT);
    this.#end();
  }

  #patience(): number {
    if (this.#waitsFor !== "request") return STALL_SECONDS;
    return this.#rest.length > 0 ? REQUEST_SECONDS : KEPT_SECONDS;
  }

  #await(what: Waiting): void {
    this.#waitsFor = what;
    this.#since = this.#context.tick();
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#isFirst && this.#isHttp2(octets)) return;
    if (this.#rest.length === 0) this.#await("request");
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

  /** Answers the requests that are there whole, for as long as the client takes the answers. */
  #answerAll(octets: Buffer): void {
    const batch = new Batch();
    let next: Next = "more";
    let isTaken = true;
    while (next === "more" && isTaken && batch.at < octets.length) {
      next = this.#answerSome(octets, batch);
      isTaken = batch.size === 0 || this.#socket.write(batch.take());
    }
    // A request that came before is answered: the time for the next one begins.
    if (batch.at > 0) this.#await("request");
    this.#rest = batch.at < octets.length ? octets.subarray(batch.at) : NOTHING;
    if (next === "handOver") this.#handOver(this.#context.toHttp1, this.#rest);
    else if (next === "end") this.#end();
    else if (!isTaken) this.#awaitDrain();
  }

  #answerSome(octets: Buffer, batch: Batch): Next {
    let next: Next = "more";
    while (next === "more" && batch.at < octets.length && batch.size < LARGEST_WRITE) {
      next = this.#answerNext(octets, batch);
    }
    return next;
  }

  #answerNext(octets: Buffer, batch: Batch): Next {
    const reading = request.read(octets, batch.at);
    if (reading === "partial") return "await";
    // A body that is too large is not waited for: the general lane refuses it by its length.
    if (reading === "other" || request.contentLength > LARGEST_BODY) return "handOver";
    if (request.end > octets.length) return "await";
    const answer = this.#answer(octets);
    if (!answer) return "handOver";
    const isLast = !request.keepAlive || this.#context.isStopping();
    batch.add(encoded(answer, isLast));
    batch.at = request.end;
    return isLast ? "end" : "more";
  }

  /** The answer to the request that was just read, or nothing where another lane must give it. */
  #answer(octets: Buffer): HttpAnswer | undefined {
    const { handler } = this.#context;
    const route = handler.route(request.method, request.target);
    if (route.kind === "ocspPost") {
      return handler.ocspPost(octets.subarray(request.bodyAt, request.end));
    }
    if (route.kind === "file") return handler.fileAtHand(route.route, request);
    return handler.answer(route, request) as HttpAnswer;
  }

  /** Nothing more is read or answered before the client has taken what it asked for. */
  #awaitDrain(): void {
    this.#await("drain");
    this.#socket.pause();
    this.#socket.once("drain", () => this.#goOn());
  }

  #goOn(): void {
    if (this.#waitsFor === "nothing") return;
    this.#await("request");
    if (this.#rest.length > 0) this.#answerAll(this.#rest);
    if (this.#waitsFor === "request") this.#socket.resume();
  }

  #end(): void {
    this.#await("nothing");
    this.#rest = NOTHING;
    this.#socket.off("data", this.#onData);
    this.#socket.resume();
    this.#socket.end();
  }

  #handOver(take: HandOver, rest: Buffer): void {
    this.#await("nothing");
    // Another keeps its time now.
    this.#since = Number.POSITIVE_INFINITY;
    this.#rest = NOTHING;
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
