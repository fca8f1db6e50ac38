/** Time that stands still while something is done, and jumps to the end of the shortest sleep when all sleep. */
export class Simulation {
  /** Seconds since 1970. */
  now = 0;
  /** Milliseconds that a sleep of this many takes. */
  stretched: (milliseconds: number) => number = (milliseconds) => milliseconds;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  /** Stands for `setTimeout` of `node:timers/promises`. */
  readonly sleep = (
    milliseconds: number,
    _value?: unknown,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleeper = { at: this.now + this.stretched(milliseconds) / 1000, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(new Error("aborted"));
      });
    });

  /** Lets time pass until `end`; `loops` is how many things sleep when nothing is being done. */
  async pass(end: number, loops: number, atEachStep: () => void = () => undefined): Promise<void> {
    for (;;) {
      await this.#untilAsleep(loops);
      atEachStep();
      const [first] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      if (!first || first.at > end) break;
      this.now = Math.max(this.now, first.at);
      this.#sleepers.delete(first);
      first.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.now = end;
  }

  /** On real time: signing threads, which have a low priority, must not be kept from their work. */
  async #untilAsleep(loops: number): Promise<void> {
    for (let turn = 0; this.#sleepers.size < loops; turn++) {
      await new Promise((resolve) => {
        if (turn < 3) setImmediate(resolve);
        else setTimeout(resolve, 1);
      });
    }
  }
}
