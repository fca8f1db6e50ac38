import type { Spread } from "../site/spread.ts";
import type { GrowthRow } from "./growth-row.ts";
import { REFERENCE_RECORDS } from "./rates.ts";

/** One thing that is measured with each number of records. */
export interface GrowthMetric {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** What it should be: at least, or at most. */
  readonly target: { readonly bound: "≥" | "≤"; readonly value: number } | undefined;
  value(row: GrowthRow): number | Spread;
}

const MEGABYTE = 1_000_000;
const MILLION = 1_000_000;

type Rest = Omit<GrowthMetric, "title" | "unit" | "value">;

function metric(
  title: string,
  unit: string,
  value: GrowthMetric["value"],
  { digits, target }: Rest,
): GrowthMetric {
  return { title, unit, value, digits, target };
}

const atMost = (value: number): GrowthMetric["target"] => ({ bound: "≤", value });

/** Everything in the table, in its order. */
export const METRICS: readonly GrowthMetric[] = [
  metric("POST requests", "per CPU-second", (row) => row.requestsPerCpuSecond, {
    digits: 0,
    target: undefined,
  }),
  metric(
    `Rate against ${withDigits(REFERENCE_RECORDS, 0)} records`,
    "in the same round",
    (row) => row.rateAgainstReference,
    {
      digits: 2,
      target: { bound: "≥", value: 0.9 },
    },
  ),
  metric("p99 under full load", "ms", (row) => row.p99Ms, { digits: 2, target: undefined }),
  metric("Responder's private memory", "MB", (row) => row.rssAnon / MEGABYTE, {
    digits: 1,
    target: atMost(100),
  }),
  metric("Store, sorted import", "octets a record", (row) => row.storeOctets, {
    digits: 0,
    target: atMost(230),
  }),
  metric("Store, 30 % more scattered", "octets a record", (row) => row.storeOctetsLater, {
    digits: 0,
    target: atMost(330),
  }),
  metric("Start to first answer", "ms", (row) => row.firstAnswerMs, {
    digits: 0,
    target: atMost(1_000),
  }),
  metric("Revoke to visible, p50", "ms", (row) => row.revokeVisible.p50Ms, {
    digits: 1,
    target: undefined,
  }),
  metric("Revoke to visible, p99", "ms", (row) => row.revokeVisible.p99Ms, {
    digits: 1,
    target: atMost(50),
  }),
  metric("Revoke to visible in a sweep, p50", "ms", (row) => row.revokeVisibleInSweep.p50Ms, {
    digits: 1,
    target: undefined,
  }),
  metric("Revoke to visible in a sweep, p99", "ms", (row) => row.revokeVisibleInSweep.p99Ms, {
    digits: 1,
    target: atMost(50),
  }),
  metric("Full sweep", "CPU-seconds a million", (row) => perMillion(row.sweepCpuSeconds, row), {
    digits: 0,
    target: atMost(400),
  }),
  metric("Import", "seconds a million", (row) => perMillion(row.importSeconds, row), {
    digits: 0,
    target: undefined,
  }),
  metric("Import", "CPU-seconds a million", (row) => perMillion(row.importCpuSeconds, row), {
    digits: 0,
    target: undefined,
  }),
];

function perMillion(value: number, { records }: GrowthRow): number {
  return (value / records) * MILLION;
}

/** A number as the page and the plot write it. */
export function withDigits(number: number, digits: number): string {
  return number.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
