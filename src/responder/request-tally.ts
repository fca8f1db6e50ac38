import { metrics, onScrape } from "../observe/metrics.ts";
import type { ErrorStatus } from "../ocsp/error-response.ts";

/** How an OCSP request ended, as the metrics name it. */
export type Result = "good" | "revoked" | "unknown" | ErrorStatus;

const RESULTS: readonly Result[] = [
  "good",
  "revoked",
  "unknown",
  "malformedRequest",
  "internalError",
  "tryLater",
  "sigRequired",
  "unauthorized",
];

type Counts = Record<Result, number>;

/** Counts of OCSP requests: plain numbers on the request path, handed to prom-client at scrape. */
export class RequestTally {
  readonly #counts = { GET: noCounts(), POST: noCounts() };

  constructor() {
    onScrape(() => this.#handOver());
  }

  count(method: "GET" | "POST", result: Result): void {
    this.#counts[method][result]++;
  }

  #handOver(): void {
    metrics.ocspRequests.reset();
    for (const [method, counts] of Object.entries(this.#counts)) {
      for (const result of RESULTS) {
        if (counts[result] > 0) metrics.ocspRequests.inc({ method, result }, counts[result]);
      }
    }
  }
}

function noCounts(): Counts {
  return Object.fromEntries(RESULTS.map((result) => [result, 0])) as Counts;
}
