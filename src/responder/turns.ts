/**
 * One turn of the event loop for each that waits for one, in their order: what was asked for meanwhile and is
 * at hand goes in between.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  wait(take: () => void): void {
    this.#waiting.push(take);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    // It stays in line until it has had its turn, so that what it brings about waits for the next.
    this.#waiting[0]?.();
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
