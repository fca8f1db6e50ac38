import { metrics, onScrape } from "../observe/metrics.ts";
import type { NoReply } from "./live-client.ts";

/** Why a request that called for a live answer got none, as the metric names it. */
export type Missed = NoReply | "overBudget" | "unsignable" | "superseded";

/** Counts of live answers that were missed: plain numbers while a flood comes, handed to prom-client at scrape. */
export class MissTally {
  readonly #counts = new Map<Missed, number>();

  constructor() {
    onScrape(() => this.#handOver());
  }

  count(why: Missed): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1);
  }

  #handOver(): void {
    metrics.liveMissed.reset();
    for (const [reason, count] of this.#counts) metrics.liveMissed.inc({ reason }, count);
  }
}
