import { readFileSync } from "node:fs";

interface Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

type Metrics = Readonly<Record<string, Metric>>;

/** How long one kind of request took, in milliseconds. */
export interface RequestTimes {
  readonly name: string;
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Something that was to be reached. */
export interface Threshold {
  readonly what: string;
  readonly ok: boolean;
  readonly measured: string;
}

/** What k6 measured in one scenario. */
export interface K6Summary {
  readonly requests: number;
  readonly failedShare: number;
  readonly times: readonly RequestTimes[];
  readonly thresholds: readonly Threshold[];
  readonly crlDownloads: number;
  readonly crlUnchanged: number;
}

const TIMES = /^http_req_duration\{name:(.*)\}$/;

/** Reads what `handleSummary` left. */
export function readK6Summary(file: string): K6Summary {
  const { metrics } = JSON.parse(readFileSync(file, "utf8")) as { metrics: Metrics };
  // k6 gives them in another order each time.
  const byName = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  const value = (name: string, key: string): number => metrics[name]?.values[key] ?? 0;
  return {
    requests: value("http_reqs", "count"),
    failedShare: value("http_req_failed", "rate"),
    times: byName.flatMap(([name, metric]) => requestTimes(name, metric)),
    thresholds: byName.flatMap(([name, metric]) => thresholdsOf(name, metric)),
    crlDownloads: value("crl_downloads", "count"),
    crlUnchanged: value("crl_unchanged", "count"),
  };
}

function requestTimes(metricName: string, { values }: Metric): RequestTimes[] {
  const name = TIMES.exec(metricName)?.[1];
  if (name === undefined) return [];
  const number = (key: string): number => values[key] ?? Number.NaN;
  const [medianMs, p95Ms, p99Ms] = [number("med"), number("p(95)"), number("p(99)")];
  return [{ name, count: number("count"), medianMs, p95Ms, p99Ms, mostMs: number("max") }];
}

function thresholdsOf(name: string, { thresholds = {}, values }: Metric): Threshold[] {
  return Object.entries(thresholds).map(([bound, { ok }]) => {
    const [key = ""] = bound.split(/[<>=]/);
    const measured = values[key]?.toLocaleString("en-US", { maximumFractionDigits: 2 }) ?? "none";
    return { what: `${name}: ${bound}`, ok, measured };
  });
}
