import type { Socket } from "node:net";
import { LARGEST_READY } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { headText } from "./http-head.ts";
import { LARGEST_SMALL } from "./small-files.ts";

/** No more is made before it has been seen whether the client takes it. */
const LARGEST_WRITE = 64 * 1024;

/** The answers that go out in one write, and how far the requests go that are answered. */
export class AnswerBatch {
  /** How far the requests are answered. */
  at = 0;
  /** Octets of answers. */
  size = 0;
  octets: Buffer = AnswerBatch.#room();

  /** Whether it is to be seen first whether the client takes what is there. */
  get isFull(): boolean {
    return this.size >= LARGEST_WRITE;
  }

  static #room(): Buffer {
    return Buffer.allocUnsafeSlow(LARGEST_WRITE + LARGEST_READY + LARGEST_SMALL);
  }

  /** Adds an answer whose body is small; a HEAD's has none. */
  add(answer: HttpAnswer, connection: "keep-alive" | "close", method: string): void {
    const head = headText(answer.status, answer.headers, connection);
    this.size += this.octets.write(head, this.size, "latin1");
    if (method !== "HEAD") this.size += (answer.body as Buffer).copy(this.octets, this.size);
  }

  /** Writes the answers out; whether the client takes more. */
  flush(socket: Socket): boolean {
    if (this.size === 0) return true;
    const takesMore = socket.write(this.octets.subarray(0, this.size));
    // What the kernel did not take at once is still to be read from these octets.
    if (socket.writableLength > 0) this.octets = AnswerBatch.#room();
    this.size = 0;
    return takesMore;
  }
}
