/**
 * One turn of the event loop for each that waits for one, in their order: what was asked for meanwhile and is
 * at hand goes in between.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  wait(take: () => void): void {
    this.#waiting.push(take);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    const take = this.#waiting.shift();
    // First, so that a turn that goes wrong is nobody else's matter.
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
    take?.();
  }
}
