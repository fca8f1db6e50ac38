import { metrics, onScrape } from "../observe/metrics.ts";
import type { NoReply } from "./live-client.ts";

/** Why a request that called for a live answer got none, as the metric names it. */
export type Missed = NoReply | "overBudget" | "unsignable" | "superseded";

/** Counts of live answers that were missed: plain numbers while a flood comes, handed to prom-client at scrape. */
export class MissTally {
  readonly #counts: Record<Missed, number> = {
    overBudget: 0,
    overloaded: 0,
    authorityAway: 0,
    unsignable: 0,
    superseded: 0,
  };

  constructor() {
    onScrape(() => this.#handOver());
  }

  count(why: Missed): void {
    this.#counts[why]++;
  }

  #handOver(): void {
    metrics.liveMissed.reset();
    for (const [reason, count] of Object.entries(this.#counts)) {
      metrics.liveMissed.inc({ reason }, count);
    }
  }
}
