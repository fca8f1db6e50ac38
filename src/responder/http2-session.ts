import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { IDLE_SECONDS, LINGER_SECONDS, REQUEST_SECONDS, STALL_SECONDS } from "./limits.ts";
import type { Peer } from "./peer.ts";
import { BUSY, idleFrom, type Timed } from "./timed.ts";

const TIMEOUT_FIELDS = { ":status": 408, "cache-control": "no-store" };
const LAST_POSSIBLE_STREAM = 2 ** 31 - 1;
/** What is on its way to a server that stops arrives within this: a round trip over a bad line. */
const NOTICE_MS = 1_000;

/** How many streams that have ended are kept besides the open ones, or as many as there are of these. */
const FEW_STREAMS = 2;

/** A stream, and when it began. */
interface TimedStream {
  readonly stream: ServerHttp2Stream;
  began: number;
}

/** What a session is made over, and with. */
export interface SessionPlace {
  readonly socket: Socket;
  readonly peer: Peer;
  /** Seconds, as of the server's last tick. */
  readonly tick: () => number;
  /** Hears how many more streams are kept, or less. */
  readonly count: (more: number) => void;
}

/**
 * The time that one HTTP/2 session has. Frames alone keep nothing open: a session is idle without streams,
 * whatever else its client sends, and each stream has its own time.
 */
export class TimedSession implements Timed {
  readonly peer: Peer;
  readonly #session: ServerHttp2Session;
  readonly #place: SessionPlace;
  /**
   * The open streams, and about as many that have ended: to hear of the end of each, and to keep them in a Map
   * (see `SmallTable`), is a seventh of what a POST costs (docs/bench.md).
   */
  #streams: TimedStream[] = [];
  /** With so many, those that have ended are looked for. */
  #manyStreams = FEW_STREAMS;
  /** The last tick at which a stream was open, or had been since the one before. */
  #idleSince: number;
  #farewellAt: number | undefined;
  #hasServed = false;
  #onFirstStream: (() => void) | undefined;

  constructor(session: ServerHttp2Session, place: SessionPlace) {
    this.peer = place.peer;
    this.#session = session;
    this.#place = place;
    this.#idleSince = place.tick();
  }

  begin(stream: ServerHttp2Stream): void {
    this.#hasServed = true;
    this.#onFirstStream?.();
    if (this.#streams.length >= this.#manyStreams) this.dropEnded();
    this.#streams.push({ stream, began: this.#place.tick() });
    this.#place.count(1);
  }

  /** Forgets the streams that have ended; returns how many are left. */
  dropEnded(): number {
    const before = this.#streams.length;
    this.#streams = this.#streams.filter(({ stream }) => !stream.destroyed);
    const { length } = this.#streams;
    this.#manyStreams = 2 * length + FEW_STREAMS;
    this.#place.count(length - before);
    return length;
  }

  /** Ends the session with all that is open in it. */
  destroy(): void {
    this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.forget();
  }

  /** Nothing of it is open any more. */
  forget(): void {
    this.#place.count(-this.#streams.length);
    this.#streams = [];
  }

  /** What sends a large file on a stream keeps its time from now on. */
  release(stream: ServerHttp2Stream): void {
    const timed = this.#streams.find((one) => one.stream === stream);
    if (timed) timed.began = Number.POSITIVE_INFINITY;
  }

  /** Ends what has taken too long. */
  expire(now: number): void {
    if (this.#streams.length > 0) this.#idleSince = now;
    this.dropEnded();
    for (const { stream, began } of this.#streams) expireStream(stream, now - began);
    if (this.#farewellAt !== undefined) {
      // It was told to end, and does not: a head was begun that is none.
      if (now - this.#farewellAt >= LINGER_SECONDS) this.#place.socket.destroy();
    } else if (this.#streams.length === 0 && now - this.#idleSince >= IDLE_SECONDS) {
      this.makeRoom();
    }
  }

  idleSince(): number {
    if (this.#farewellAt !== undefined || this.#place.socket.destroyed) return BUSY;
    if (!this.#hasServed) return idleFrom(this.#idleSince);
    // One that has ended since the last tick is forgotten only at the next.
    if (this.#streams.some(({ stream }) => !stream.destroyed)) return BUSY;
    return this.#streams.length > 0 ? this.#place.tick() : this.#idleSince;
  }

  makeRoom(): void {
    this.#farewellAt = this.#place.tick();
    this.#session.close();
  }

  /**
   * Ends the session soon. A new one gets its first answer: who connected for it, and perhaps after another
   * session was ended in the same way, need not do so again.
   */
  windDown(): void {
    if (this.#hasServed) {
      this.#sayGoodbye();
      return;
    }
    const timer = setTimeout(() => this.#onFirstStream?.(), NOTICE_MS);
    this.#onFirstStream = () => {
      this.#onFirstStream = undefined;
      clearTimeout(timer);
      this.#sayGoodbye();
    };
    this.#session.once("close", () => clearTimeout(timer));
  }

  /**
   * Tells the client to begin no more streams, and takes those that it began before it heard of that; then the
   * session ends with the last of them (RFC 9113 6.8).
   */
  #sayGoodbye(): void {
    // One that is being ended, by either side, can be told nothing more.
    if (this.#session.closed || this.#session.destroyed) return;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, LAST_POSSIBLE_STREAM);
    const timer = setTimeout(() => this.#session.close(), NOTICE_MS);
    this.#session.once("close", () => clearTimeout(timer));
  }
}

function expireStream(stream: ServerHttp2Stream, seconds: number): void {
  if (seconds >= STALL_SECONDS) stream.close(constants.NGHTTP2_CANCEL);
  else if (seconds >= REQUEST_SECONDS && isUnasked(stream)) {
    stream.respond(TIMEOUT_FIELDS, { endStream: true });
    stream.close(constants.NGHTTP2_NO_ERROR);
  }
}

/** Whether a request is still not there whole, and was not answered in spite of that. */
function isUnasked(stream: ServerHttp2Stream): boolean {
  const isWhole = stream.endAfterHeaders || stream.readableEnded;
  return !isWhole && !stream.headersSent && !stream.closed && !stream.destroyed;
}
