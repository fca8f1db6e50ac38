import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from "prom-client";
import { PlainHistogram } from "./plain-histogram.ts";

const registry = new Registry();

function counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

function gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

/** One that every responder has: the least of them is shown. */
function earliest<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
  return new Gauge({ name, help, labelNames, aggregator: "min", registers: [registry] });
}

function histogram(name: string, help: string, bounds: number[]): PlainHistogram {
  const made = new PlainHistogram(name, help, bounds);
  registry.registerMetric(made as unknown as Metric);
  return made;
}

/** Every metric of Vouch's own; one that is not here does not exist. */
export const metrics = {
  ocspRequests: counter("vouch_ocsp_requests_total", "OCSP requests by method and result", [
    "method",
    "result",
  ]) as Counter<"method" | "result">,
  ocspRequestSeconds: histogram(
    "vouch_ocsp_request_seconds",
    "Seconds from an OCSP request's last octet to its answer's hand-over",
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
  ) as PlainHistogram,
  answersSigned: counter("vouch_ocsp_answers_signed_total", "OCSP answers signed and proved", [
    "issuer",
    "kind",
  ]) as Counter<"issuer" | "kind">,
  liveMissed: counter(
    "vouch_ocsp_live_missed_total",
    "OCSP requests that called for a live answer and got none",
    ["reason"],
  ) as Counter<"reason">,
  proofFailures: counter("vouch_proof_failures_total", "Answers and CRLs that failed their proof", [
    "issuer",
    "fault",
  ]) as Counter<"issuer" | "fault">,
  sweepPosition: gauge(
    "vouch_sweep_position",
    "How far the sweep is through the store, 0 to 1",
  ) as Gauge<never>,
  oldestAnswerAge: gauge(
    "vouch_oldest_answer_age_seconds",
    "Seconds since the oldest answer in the store was signed",
    ["issuer"],
  ) as Gauge<"issuer">,
  earliestNextUpdate: gauge(
    "vouch_earliest_next_update_timestamp_seconds",
    "The earliest nextUpdate of the answers in the store",
    ["issuer"],
  ) as Gauge<"issuer">,
  latestThisUpdate: gauge(
    "vouch_latest_this_update_timestamp_seconds",
    "The latest thisUpdate of the answers in the store",
    ["issuer"],
  ) as Gauge<"issuer">,
  records: gauge("vouch_records", "Certificates in the store by status", [
    "issuer",
    "status",
  ]) as Gauge<"issuer" | "status">,
  crlNumber: gauge("vouch_crl_number", "CRLNumber of the CRL that is published", [
    "issuer",
    "scope",
  ]) as Gauge<"issuer" | "scope">,
  crlNextUpdate: gauge(
    "vouch_crl_next_update_timestamp_seconds",
    "nextUpdate of the CRL that is published",
    ["issuer", "scope"],
  ) as Gauge<"issuer" | "scope">,
  crlImports: counter("vouch_crl_imports_total", "CRLs of others that were imported, by result", [
    "issuer",
    "result",
  ]) as Counter<"issuer" | "result">,
  crlLost: gauge(
    "vouch_crl_lost_revocations",
    "Revocations that the imported CRL takes back, and that stay",
    ["issuer"],
  ) as Gauge<"issuer">,
  reconcileDifferences: gauge(
    "vouch_reconcile_differences",
    "Certificates that differ from the CA's list as it was last compared, by kind",
    ["issuer", "kind"],
  ) as Gauge<"issuer" | "kind">,
  reconciledAt: gauge("vouch_reconcile_timestamp_seconds", "When the CA's list was last compared", [
    "issuer",
  ]) as Gauge<"issuer">,
  signaturesNeeded: gauge(
    "vouch_signatures_needed_per_second",
    "Signatures a second that keep the answers fresh: records x hashes / half of their life",
    ["issuer"],
  ) as Gauge<"issuer">,
  signaturesPossible: gauge(
    "vouch_signatures_possible_per_second",
    "Signatures a second that the signing threads make with the key that signs now, as measured",
    ["issuer"],
  ) as Gauge<"issuer">,
  signerNotAfter: gauge(
    "vouch_signer_not_after_timestamp_seconds",
    "When a signer's certificate expires",
    ["issuer", "signer"],
  ) as Gauge<"issuer" | "signer">,
  tlsNotAfter: earliest(
    "vouch_tls_certificate_not_after_timestamp_seconds",
    "When the certificate of public.https expires, as the responders have it",
    ["certificate"],
  ) as Gauge<"certificate">,
  signingStopped: gauge(
    "vouch_signing_stopped",
    "1 while nothing is signed because the clock cannot be relied on",
  ) as Gauge<never>,
  revokeVisibleSeconds: histogram(
    "vouch_revoke_visible_seconds",
    "Seconds from the receipt of a revocation to the first read of the committed record",
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  ) as PlainHistogram,
  storeBytes: gauge("vouch_store_bytes", "Octets of the store's data file") as Gauge<never>,
  storeReaders: gauge("vouch_store_readers", "Readers that hold the store") as Gauge<never>,
  storeOldestReader: gauge(
    "vouch_store_oldest_reader_txns",
    "How many transactions the oldest reader is behind",
  ) as Gauge<never>,
  connections: gauge(
    "vouch_connections",
    "Connections of the public service that are open",
  ) as Gauge<never>,
  connectionsTurnedAway: counter(
    "vouch_connections_turned_away_total",
    "Connections that were refused, or ended while idle to make room, by reason",
    ["reason"],
  ) as Counter<"reason">,
  crlDownloads: gauge(
    "vouch_crl_downloads",
    "Downloads of large CRLs that are under way",
  ) as Gauge<never>,
  crlDownloadsRefused: counter(
    "vouch_crl_downloads_refused_total",
    "Downloads of large CRLs that were refused or cut off because there were too many",
    [],
  ) as Counter<never>,
} as const;

/** What one process measured, to be summed by the supervisor. */
export type ProcessMetrics = MetricObjectWithValues<MetricValue<string>>[];

let collectsDefaults = false;
const beforeScrape: (() => void)[] = [];

/** Registers something that brings metrics up to date when they are read. */
export function onScrape(update: () => void): void {
  beforeScrape.push(update);
}

/** This process's metrics as data. */
export async function processMetrics(): Promise<ProcessMetrics> {
  if (!collectsDefaults) {
    collectDefaultMetrics({ register: registry });
    collectsDefaults = true;
  }
  for (const update of beforeScrape) update();
  return registry.getMetricsAsJSON() as Promise<ProcessMetrics>;
}

/** The sum over processes, in Prometheus' text format. */
export async function metricsText(processes: readonly ProcessMetrics[]): Promise<string> {
  const summed = AggregatorRegistry.aggregate([...processes] as unknown as object[]);
  return summed.metrics();
}

export const METRICS_CONTENT_TYPE: string = registry.contentType;
