import { afterEach, describe, expect, it } from "vitest";
import {
  METRICS_CONTENT_TYPE,
  metrics,
  metricsText,
  onScrape,
  type ProcessMetrics,
  processMetrics,
} from "../../src/observe/metrics.ts";
import { parsePrometheus, total } from "../support/prometheus-text.ts";

afterEach(() => {
  for (const metric of Object.values(metrics)) metric.reset();
});

/** As it comes over the channel from another process. */
function sent(report: ProcessMetrics): ProcessMetrics {
  return JSON.parse(JSON.stringify(report)) as ProcessMetrics;
}

describe("the metrics of one process", () => {
  it("are Prometheus text, each with its type and a help text", async () => {
    metrics.ocspRequests.inc({ method: "GET", result: "good" }, 3);
    metrics.ocspRequestSeconds.observe(0.002);
    const read = parsePrometheus(await metricsText([await processMetrics()]));
    const own = [...read.types.keys()].filter((name) => name.startsWith("vouch_"));
    expect(own).toHaveLength(Object.keys(metrics).length);
    for (const name of own) {
      expect([name, read.types.get(name)]).toEqual([
        name,
        expect.stringMatching(/^(counter|gauge|histogram)$/),
      ]);
      expect([name, read.helps.has(name)]).toEqual([name, true]);
      if (read.types.get(name) === "counter") expect(name).toMatch(/_total$/);
    }
    expect(total(read, "vouch_ocsp_requests_total", { method: "GET", result: "good" })).toBe(3);
    expect(METRICS_CONTENT_TYPE).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it("keep a label that holds quotes, backslashes and new lines in one piece", async () => {
    const issuer = 'a"b\\c\nd';
    metrics.proofFailures.inc({ issuer, fault: "hash" });
    const { samples } = parsePrometheus(await metricsText([await processMetrics()]));
    const found = samples.filter(({ name }) => name === "vouch_proof_failures_total");
    expect(found).toEqual([
      expect.objectContaining({ value: 1, labels: { issuer: 'a\\"b\\\\c\\nd', fault: "hash" } }),
    ]);
  });

  it("are brought up to date whenever they are read", async () => {
    let records = 0;
    onScrape(() => metrics.storeBytes.set(++records));
    for (const wanted of [1, 2]) {
      const read = parsePrometheus(await metricsText([await processMetrics()]));
      expect(total(read, "vouch_store_bytes")).toBe(wanted);
    }
  });
});

describe("the sum over processes", () => {
  it("adds counters and histograms label by label, and leaves what one alone has", async () => {
    metrics.ocspRequests.inc({ method: "GET", result: "good" }, 2);
    metrics.ocspRequestSeconds.observe(0.002);
    metrics.ocspRequestSeconds.observe(0.2);
    const first = sent(await processMetrics());
    for (const metric of Object.values(metrics)) metric.reset();
    metrics.ocspRequests.inc({ method: "GET", result: "good" }, 5);
    metrics.ocspRequests.inc({ method: "POST", result: "revoked" }, 7);
    metrics.ocspRequestSeconds.observe(0.002);
    const second = sent(await processMetrics());
    const read = parsePrometheus(await metricsText([first, second]));
    const requests = "vouch_ocsp_requests_total";
    expect(total(read, requests, { method: "GET", result: "good" })).toBe(7);
    expect(total(read, requests, { method: "POST", result: "revoked" })).toBe(7);
    expect(read.samples.filter(({ name }) => name === requests)).toHaveLength(2);
    const buckets = (le: string): number =>
      total(read, "vouch_ocsp_request_seconds_bucket", { le });
    expect(["0.001", "0.0025", "0.1", "0.5", "+Inf"].map(buckets)).toEqual([0, 2, 2, 3, 3]);
    expect(total(read, "vouch_ocsp_request_seconds_count")).toBe(3);
    expect(total(read, "vouch_ocsp_request_seconds_sum")).toBeCloseTo(0.204, 9);
  });

  it("of a gauge that one process alone sets is that gauge", async () => {
    const idle = sent(await processMetrics());
    metrics.records.set({ issuer: "gov-1", status: "good" }, 150_000);
    const authority = sent(await processMetrics());
    const read = parsePrometheus(await metricsText([idle, authority, idle]));
    expect(total(read, "vouch_records", { issuer: "gov-1", status: "good" })).toBe(150_000);
  });
});
