import type { UnixSeconds } from "../der/time.ts";
import { refusedAnswer } from "./http-answer.ts";
import { headText } from "./http-head.ts";
import type { Refusal } from "./ocsp-source.ts";

/** The whole responses of refusals, made once a second each. */
export class RefusalOctets {
  readonly #made = new Map<Refusal, Buffer>();
  #second: UnixSeconds = 0;

  /** Writes the response to a kept-alive request; returns the offset after it. */
  write(refusal: Refusal, now: UnixSeconds, out: Buffer, at: number): number {
    if (now !== this.#second) this.#made.clear();
    this.#second = now;
    let octets = this.#made.get(refusal);
    if (!octets) {
      const { status, headers, body } = refusedAnswer(refusal, now);
      const head = Buffer.from(headText(status, headers, "keep-alive"), "latin1");
      octets = Buffer.concat([head, body as Buffer]);
      this.#made.set(refusal, octets);
    }
    out.set(octets, at);
    return at + octets.length;
  }
}
