import type { Socket } from "node:net";
import { AnswerBatch } from "./answer-batch.ts";
import type { Client } from "./handler.ts";
import { isLongRequestLine, methodAt } from "./head-octets.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { isHttp2Preface } from "./http2-preface.ts";
import type { HandOver, LaneContext } from "./lane-context.ts";
import { LARGEST_BODY } from "./limits.ts";
import { Patience } from "./patience.ts";
import type { Peer } from "./peer.ts";
import { plainAnswer } from "./plain-answer.ts";
import { PlainRequest } from "./plain-request.ts";
import { LONGEST_REQUEST_LINE } from "./request-target.ts";
import { BUSY, idleFrom, type Timed } from "./timed.ts";

const NOTHING = Buffer.alloc(0);

/** What follows a request: the next one, more octets, an answer, another lane, or the end of the connection. */
type Next = "more" | "await" | "answer" | "handOver" | "end";

/** One for all connections: it is empty whenever control goes back to the event loop. */
const batch = new AnswerBatch();

/**
 * A connection in the fast lane: answers requests of the plain shape straight from the socket. Anything
 * else goes over to node:http or node:http2, with the octets that were read so far.
 */
export class FastConnection implements Timed {
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #context: LaneContext;
  readonly #onData: (chunk: Buffer) => void;
  readonly #request = new PlainRequest();
  #rest: Buffer = NOTHING;
  #isFirst = true;
  readonly #patience: Patience;
  /** An answer that takes its time, to the request that `#rest` begins with. */
  #coming: Promise<HttpAnswer> | undefined;
  #askedOctets = 0;
  /** The connection in another lane, once it has gone over. */
  #onward: Timed | undefined;

  constructor(socket: Socket, peer: Peer, context: LaneContext) {
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    this.#patience = new Patience(context.tick);
    this.#onData = (chunk) => this.#read(chunk);
    socket.on("data", this.#onData);
  }

  /** Ends a connection that has been idle, or has taken too long over a request or an answer. */
  expire(now: number): void {
    if (this.#onward) {
      this.#onward.expire(now);
      return;
    }
    const request = this.#rest.length > 0 ? "begun" : "none";
    if (!this.#patience.isOver(now, request)) return;
    if (this.#patience.awaited !== "request") {
      this.#socket.destroy();
      return;
    }
    if (request === "begun") batch.add(this.#context.handler.refuse("late"), "close", "GET");
    batch.flush(this.#socket);
    this.#end();
  }

  idleSince(): number {
    if (this.#onward) return this.#onward.idleSince();
    const { destroyed, writableLength } = this.#socket;
    if (this.#patience.awaited !== "request" || this.#rest.length > 0) return BUSY;
    if (destroyed || writableLength > 0) return BUSY;
    const { since } = this.#patience;
    return this.#isFirst ? idleFrom(since) : since;
  }

  makeRoom(): void {
    if (this.#onward) {
      this.#onward.makeRoom();
      return;
    }
    this.#patience.waitFor("nothing");
    this.#socket.destroySoon();
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#isFirst && this.#isHttp2(octets)) return;
    if (this.#rest.length === 0) this.#patience.waitFor("request");
    this.#answerAll(octets);
  }

  /** Whether it is HTTP/2, or may yet become it. */
  #isHttp2(octets: Buffer): boolean {
    const is = isHttp2Preface(octets);
    if (is === "no") this.#isFirst = false;
    else if (is === "maybe") this.#rest = Buffer.from(octets);
    else this.#handOver(this.#context.toHttp2, Buffer.from(octets));
    return is !== "no";
  }

  /** Answers the requests that are there whole, for as long as the client takes the answers. */
  #answerAll(octets: Buffer): void {
    let next: Next = "more";
    let isTaken = true;
    batch.at = 0;
    while (next === "more" && isTaken && batch.at < octets.length) {
      next = this.#answerSome(octets);
      isTaken = batch.flush(this.#socket);
    }
    // A request that came before is answered: the time for the next one begins.
    if (batch.at > 0) this.#patience.waitFor("request");
    // A copy: what was read is ours only until control goes back to the event loop.
    this.#rest = batch.at < octets.length ? Buffer.from(octets.subarray(batch.at)) : NOTHING;
    this.#goTo(next, isTaken);
  }

  #goTo(next: Next, isTaken: boolean): void {
    if (next === "handOver") this.#handOver(this.#context.toHttp1, this.#rest);
    else if (next === "end") this.#end();
    else if (next === "answer") this.#awaitAnswer();
    else if (!isTaken) this.#awaitDrain();
  }

  #answerSome(octets: Buffer): Next {
    let next: Next = "more";
    while (next === "more" && batch.at < octets.length && !batch.isFull) {
      next = this.#answerNext(octets);
    }
    return next;
  }

  #answerNext(octets: Buffer): Next {
    const request = this.#request;
    const reading = request.read(octets, batch.at);
    if (reading === "partial") return "await";
    // A body that is too large is not waited for: the general lane refuses it by its length.
    if (reading === "other") return this.#answerUnread(octets);
    if (request.contentLength > LARGEST_BODY) return "handOver";
    if (request.end > octets.length) return "await";
    return this.#writeReady(octets) ? "more" : this.#answerOther(octets);
  }

  /** Writes an answer that is at hand as octets; whether there is one. */
  #writeReady(octets: Buffer): boolean {
    const request = this.#request;
    const { handler, isStopping } = this.#context;
    if (!request.keepAlive || isStopping()) return false;
    const size = handler.writeReady(request, octets, batch.octets, batch.size);
    if (size === 0) return false;
    batch.size += size;
    batch.at = request.end;
    return true;
  }

  /** node:http would refuse a head that is too long for it by another word, whatever is too long in it. */
  #answerUnread(octets: Buffer): Next {
    if (!isLongRequestLine(octets, batch.at, LONGEST_REQUEST_LINE)) return "handOver";
    const method = methodAt(octets, batch.at) ?? "GET";
    batch.add(this.#context.handler.refuse("targetTooLong"), "close", method);
    batch.at = octets.length;
    return "end";
  }

  /** An answer that is not at hand as octets. */
  #answerOther(octets: Buffer): Next {
    const request = this.#request;
    const { handler } = this.#context;
    const answer = plainAnswer(handler, request, octets, (read) => this.#client(read));
    if (!answer) return "handOver";
    if (answer instanceof Promise) {
      this.#coming = answer;
      this.#askedOctets = request.end - batch.at;
      return "answer";
    }
    batch.at = request.end;
    return this.#add(answer);
  }

  #add(answer: HttpAnswer): Next {
    const { keepAlive, method } = this.#request;
    const isLast = !keepAlive || this.#context.isStopping();
    batch.add(answer, isLast ? "close" : "keep-alive", method);
    return isLast ? "end" : "more";
  }

  /** Who asks with the request that was just read; only a trusted proxy is asked for whom it does. */
  #client(octets: Buffer): Client {
    if (!this.#peer.isProxy) return this.#peer;
    return this.#peer.clientOfHead(octets.toString("latin1", batch.at, this.#request.bodyAt));
  }

  /** Nothing more is read or answered before the answer has come, since answers go out in order. */
  #awaitAnswer(): void {
    const coming = this.#coming as Promise<HttpAnswer>;
    this.#patience.waitFor("answer");
    this.#socket.pause();
    void coming.then((answer) => this.#give(answer));
  }

  #give(answer: HttpAnswer): void {
    if (this.#patience.awaited !== "answer" || this.#socket.destroyed) return;
    this.#coming = undefined;
    this.#rest = this.#rest.subarray(this.#askedOctets);
    const next = this.#add(answer);
    const isTaken = batch.flush(this.#socket);
    if (next === "end") this.#end();
    else if (isTaken) this.#goOn();
    else this.#awaitDrain();
  }

  /** Nothing more is read or answered before the client has taken what it asked for. */
  #awaitDrain(): void {
    this.#patience.waitFor("drain");
    this.#socket.pause();
    this.#socket.once("drain", () => this.#goOn());
  }

  #goOn(): void {
    if (this.#patience.awaited === "nothing") return;
    this.#patience.waitFor("request");
    if (this.#rest.length > 0) this.#answerAll(this.#rest);
    if (this.#patience.awaited === "request") this.#socket.resume();
  }

  #end(): void {
    this.#patience.waitFor("nothing");
    this.#rest = NOTHING;
    this.#socket.off("data", this.#onData);
    this.#socket.resume();
    this.#socket.end();
  }

  #handOver(take: HandOver, rest: Buffer): void {
    this.#patience.waitFor("nothing");
    this.#rest = NOTHING;
    this.#socket.off("data", this.#onData);
    // Paused, or the octets that are put back would flow to nobody.
    this.#socket.pause();
    this.#onward = take(this.#socket, rest, this.#peer);
  }
}
