import { writeSummary } from "../store/summary.ts";
import type { Desk } from "./desk.ts";

const READER_CHECK_MS = 10_000;
const SUMMARY_MS = 2_000;

/** What goes on beside the work: counting what is there, clearing dead readers, keeping the summary. */
export class Upkeep {
  readonly #desk: Pick<Desk, "store" | "census" | "unanswered">;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #scanned: Promise<void> = Promise.resolve();
  #looked: Promise<void> = Promise.resolve();
  #readersCheckedAt = performance.now();
  /** The summary that was kept last, as text. */
  #kept = "";

  constructor(desk: Pick<Desk, "store" | "census" | "unanswered">) {
    this.#desk = desk;
  }

  start(): void {
    const { store, census, unanswered } = this.#desk;
    this.#scanned = census.scan(store, (key) => unanswered.add(key), this.#stopping.signal);
    this.#timer = setInterval(() => {
      this.#looked = this.#look();
    }, SUMMARY_MS);
  }

  /** Leaves undone what is not counted; resolves when nothing here uses the store any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await Promise.all([this.#scanned, this.#looked]);
  }

  async #look(): Promise<void> {
    const { store, census } = this.#desk;
    if (performance.now() - this.#readersCheckedAt >= READER_CHECK_MS) {
      this.#readersCheckedAt = performance.now();
      store.clearDeadReaders();
    }
    if (!census.isComplete) return;
    const summary = census.summary();
    const text = JSON.stringify(summary);
    if (text === this.#kept) return;
    await store.transact((transaction) => writeSummary(transaction, summary));
    this.#kept = text;
  }
}
