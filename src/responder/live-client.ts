import { connect, type Socket } from "node:net";
import type { Logger } from "../observe/logger.ts";
import { encodeFrame, FrameReader, LONGEST_REPLY } from "../ocsp/live-frame.ts";
import { decodeReply, type LiveReply } from "../ocsp/live-reply.ts";
import { SmallTable } from "./small-table.ts";
import type { Turns } from "./turns.ts";

/** Why a question has no reply. */
export type NoReply = "authorityAway" | "overloaded";

/** Questions that the authority has and has not replied to; it takes more, but those would only wait there. */
const MOST_IN_FLIGHT = 128;
/** Questions that wait for their turn. */
const LONGEST_QUEUE = 512;
/**
 * Questions leave together, in one write: the next ones so long after the last for each that left then, up to the
 * longest. So one that comes alone leaves at once, and under a flood eight share what it takes to wake the
 * authority, one of its threads and this process again, which is more than a signature and its proof
 * (`npm run flood`).
 */
const GATHER_EACH_MS = 4;
const LONGEST_GATHER_MS = 16;
/** Relying parties are told `tryLater` rather than kept waiting longer. */
const DEADLINE_MS = 2_500;
const FIRST_PAUSE_MS = 50;
/** Short, for who asks just after a start wants its nonce echoed. */
const LONGEST_PAUSE_MS = 250;
const LARGEST_ID = 0xffff_ffff;

interface Question {
  readonly payload: Uint8Array;
  readonly deadline: NodeJS.Timeout;
  /** Takes the first outcome; later ones mean nothing. */
  readonly resolve: (outcome: LiveReply | NoReply) => void;
  isOver: boolean;
}

/** A responder's side of the live-sign socket: asks the authority, and connects again whenever it was away. */
export class LiveClient {
  readonly #path: string;
  readonly #log: Logger;
  readonly #turns: Pick<Turns, "wait">;
  readonly #inFlight = new SmallTable<number, Question>();
  /** Questions that have not left. */
  #queue: Question[] = [];
  /** Whether it is settled when what waits leaves. */
  #isLeaving = false;
  /** When the authority last said anything, as `performance.now` has it. */
  #heardAt = 0;
  /** From when on it is asked again, where it has said nothing for too long. */
  #askedAgainFrom: number | undefined;
  /** Before this time, in milliseconds, none leave. */
  #leavesFrom = 0;
  #socket: Socket | undefined;
  #isConnected = false;
  #pauseMs = FIRST_PAUSE_MS;
  #pausing: NodeJS.Timeout | undefined;
  #isStopped = false;
  #lastId = 0;

  /** Each reply is passed on in a turn of its own. */
  constructor(path: string, log: Logger, turns: Pick<Turns, "wait">) {
    this.#path = path;
    this.#log = log;
    this.#turns = turns;
  }

  /** Connects, now or as soon as the authority is there. */
  start(): void {
    const socket = connect(this.#path);
    const reader = new FrameReader(LONGEST_REPLY);
    this.#socket = socket;
    socket.once("connect", () => {
      this.#isConnected = true;
      this.#pauseMs = FIRST_PAUSE_MS;
    });
    socket.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    // What went wrong does not matter: the authority is away until it can be connected to.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#lost());
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#pausing);
    this.#socket?.destroy();
  }

  /** The authority's reply to an OCSPRequest of CertIDs and nonce. Never rejects, and takes 2.5 s at most. */
  ask(payload: Uint8Array): Promise<LiveReply | NoReply> {
    if (!this.#isConnected || this.#hangs()) return Promise.resolve("authorityAway");
    const most = LONGEST_QUEUE + Math.max(0, MOST_IN_FLIGHT - this.#inFlight.size);
    if (this.#queue.length >= most) return Promise.resolve("overloaded");
    return new Promise((resolve) => {
      const question: Question = {
        payload,
        resolve,
        deadline: setTimeout(() => this.#late(question), DEADLINE_MS),
        isOver: false,
      };
      this.#queue.push(question);
      this.#leaveSoon();
    });
  }

  /**
   * Whether the authority is there and says nothing. So that not everybody waits in vain, one at a time finds out
   * whether it does again.
   */
  #hangs(): boolean {
    if (this.#askedAgainFrom === undefined) return false;
    const now = performance.now();
    if (now < this.#askedAgainFrom) return true;
    this.#askedAgainFrom = now + DEADLINE_MS;
    return false;
  }

  #late(question: Question): void {
    settle(question, "overloaded");
    const now = performance.now();
    if (now - this.#heardAt >= DEADLINE_MS) this.#askedAgainFrom ??= now;
  }

  #leaveSoon(): void {
    if (this.#isLeaving || this.#inFlight.size >= MOST_IN_FLIGHT) return;
    this.#isLeaving = true;
    const wait = this.#leavesFrom - performance.now();
    if (wait > 0) setTimeout(() => this.#leave(), wait);
    // In the next turn, together with what else this one brings.
    else setImmediate(() => this.#leave());
  }

  /** Sends what waits, as far as the authority takes it. */
  #leave(): void {
    this.#isLeaving = false;
    const frames: Buffer[] = [];
    while (this.#queue.length > 0 && this.#inFlight.size < MOST_IN_FLIGHT) {
      const question = this.#queue.shift() as Question;
      if (!question.isOver) frames.push(encodeFrame(this.#nextId(question), question.payload));
    }
    const gather = Math.min(LONGEST_GATHER_MS, frames.length * GATHER_EACH_MS);
    this.#leavesFrom = performance.now() + gather;
    if (frames.length > 0) this.#socket?.write(Buffer.concat(frames));
  }

  #nextId(question: Question): number {
    this.#lastId = this.#lastId === LARGEST_ID ? 0 : this.#lastId + 1;
    this.#inFlight.add(this.#lastId, question);
    return this.#lastId;
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    this.#heardAt = performance.now();
    this.#askedAgainFrom = undefined;
    const frames = reader.read(chunk);
    if (!frames) {
      this.#confused("a frame that is too long");
      return;
    }
    for (const { id, payload } of frames) {
      const reply = decodeReply(payload);
      if (!reply) this.#confused("a frame that is no reply");
      else this.#replied(id, reply);
    }
    if (this.#queue.length > 0) this.#leaveSoon();
  }

  #replied(id: number, reply: LiveReply): void {
    const question = this.#inFlight.get(id);
    if (!question) return;
    this.#inFlight.delete(id);
    this.#turns.wait(() => settle(question, reply));
  }

  /** An authority of another version, or none: the connection is given up and tried again. */
  #confused(problem: string): void {
    this.#log.error({ problem }, "the live-sign socket does not speak as it should");
    this.#socket?.destroy();
  }

  #lost(): void {
    this.#isConnected = false;
    this.#askedAgainFrom = undefined;
    for (const question of [...this.#inFlight.empty(), ...this.#queue]) {
      settle(question, "authorityAway");
    }
    this.#queue = [];
    if (this.#isStopped) return;
    this.#pausing = setTimeout(() => this.start(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}

function settle(question: Question, outcome: LiveReply | NoReply): void {
  clearTimeout(question.deadline);
  question.isOver = true;
  question.resolve(outcome);
}
