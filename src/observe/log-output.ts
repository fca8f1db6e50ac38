import type { Writable } from "node:stream";

/** What may wait for a reader of the log that is slow or has stopped reading. */
const MOST_WAITING = 256 * 1024;

/**
 * Where log lines go. It never holds up whoever logs: Node writes to a pipe or socket without blocking, so that what is
 * not read waits here, up to a bound; what is beyond it, or cannot be written (a full disk), is lost and counted.
 */
export class LogOutput {
  readonly #stream: Writable;
  #lost = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Each write hears of its own failure.
    stream.on("error", () => undefined);
  }

  /** Hears how many lines were lost, once lines are written again. */
  onRecovered: (lost: number) => void = () => undefined;

  /** Takes one line, with its end. */
  write(line: string): void {
    if (this.#stream.writableLength >= MOST_WAITING) this.#lost++;
    else this.#stream.write(line, (error) => this.#written(error));
  }

  #written(error: Error | null | undefined): void {
    if (error) this.#lost++;
    else if (this.#lost > 0 && !this.#stream.writableNeedDrain) this.#recovered();
  }

  #recovered(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.onRecovered(lost);
  }
}
