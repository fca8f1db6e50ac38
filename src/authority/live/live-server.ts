import { createServer, type Server, type Socket } from "node:net";
import { type Logger, onceAMinute } from "../../observe/logger.ts";
import { encodeFrame, type Frame, FrameReader, LONGEST_QUESTION } from "../../ocsp/live-frame.ts";
import { encodeReply } from "../../ocsp/live-reply.ts";
import { readRequest } from "../../ocsp/request.ts";
import { listenOnSocket } from "../unix-socket.ts";
import type { LiveSigner } from "./live-signer.ts";

type Answers = Pick<LiveSigner, "ask">;

/** One for each responder of a machine, and some to spare. */
const MOST_CONNECTIONS = 64;
/** Questions of one responder that are not answered yet; further ones are not read. */
const MOST_QUESTIONS = 256;
/** A question that takes longer to arrive, or a reply to be taken, is not an honest responder's. */
const PATIENCE_MS = 5_000;
const TICK_MS = 1_000;

/** A responder's connection. It is read no faster than its questions are answered. */
class Connection {
  readonly #socket: Socket;
  readonly #answers: Answers;
  readonly #complain: (problem: string) => void;
  readonly #reader = new FrameReader(LONGEST_QUESTION);
  /** Questions that are not answered, or whose replies are not taken. */
  #open = 0;
  /** Replies that are to go out in one write. */
  #replies: Buffer[] = [];
  /** Since when it has kept us waiting; milliseconds. */
  #waitsSince: number | undefined;

  constructor(socket: Socket, answers: Answers, complain: (problem: string) => void) {
    this.#socket = socket;
    this.#answers = answers;
    this.#complain = complain;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  /** Ends it when it does not send or take what it began to. */
  expire(now: number): void {
    const isWaiting = this.#reader.isPartial || this.#socket.writableLength > 0;
    if (!isWaiting) this.#waitsSince = undefined;
    else if (this.#waitsSince === undefined) this.#waitsSince = now;
    else if (now - this.#waitsSince > PATIENCE_MS) this.#refuse("too slow");
  }

  #read(chunk: Buffer): void {
    const wasPartial = this.#reader.isPartial;
    const frames = this.#reader.read(chunk);
    if (!frames) {
      this.#refuse("a frame that is too long");
      return;
    }
    if (wasPartial && frames.length > 0) this.#waitsSince = undefined;
    for (const frame of frames) this.#question(frame);
    if (this.#open >= MOST_QUESTIONS) this.#socket.pause();
  }

  #question({ id, payload }: Frame): void {
    const request = readRequest(payload);
    if (request instanceof Error) {
      this.#refuse(request.message);
      return;
    }
    this.#open++;
    void this.#answers.ask(request).then((reply) => {
      this.#replies.push(encodeFrame(id, encodeReply(reply)));
      // Behind the replies to all else that was signed with it.
      if (this.#replies.length === 1) process.nextTick(() => this.#reply());
    });
  }

  #reply(): void {
    const replies = this.#replies;
    this.#replies = [];
    this.#socket.write(Buffer.concat(replies), () => this.#taken(replies.length));
  }

  #taken(count: number): void {
    this.#open -= count;
    if (this.#open < MOST_QUESTIONS) this.#socket.resume();
  }

  #refuse(problem: string): void {
    this.#complain(problem);
    this.#socket.destroy();
  }
}

/** The live-sign socket, listening. */
export interface LiveServer {
  /** Ends all connections. */
  close(): void;
}

/**
 * Listens on the live-sign socket, for the group `vouch-store` alone. Responders ask there with CertIDs and a
 * nonce; whoever sends anything else, too much or too slowly is cut off.
 */
export async function startLiveServer(
  path: string,
  answers: Answers,
  log: Logger,
): Promise<LiveServer> {
  const connections = new Map<Socket, Connection>();
  const complain = onceAMinute((problem) =>
    log.warn({ problem }, "a connection to the live-sign socket was cut off"),
  );
  const server: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("close", () => connections.delete(socket));
    if (connections.size >= MOST_CONNECTIONS) socket.destroy();
    else connections.set(socket, new Connection(socket, answers, complain));
  });
  await listenOnSocket(server, path, "vouch-store");
  const ticking = setInterval(() => {
    for (const connection of connections.values()) connection.expire(performance.now());
  }, TICK_MS);
  return {
    close: () => {
      clearInterval(ticking);
      server.close();
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}
