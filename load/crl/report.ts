import { table } from "../bench/report.ts";
import type { Spread } from "../site/spread.ts";
import { type Beside, type Looks, revocationMs } from "./beside.ts";
import type { Cost } from "./cost.ts";

/** What a CRL of so many entries costs in one way; nothing where it took too long. */
export interface CostRow {
  readonly entries: number;
  readonly what: string;
  readonly cost: Cost | undefined;
  readonly octetsEach: number | undefined;
}

const COSTS = [
  "what",
  "entries",
  "seconds",
  "CPU-seconds",
  "private MB before",
  "at most",
  "octets an entry",
];
const BESIDE = [
  "beside it",
  "entries",
  "full CRLs built",
  "OCSP p50 ms",
  "OCSP p99 ms",
  "revocations",
  "visible p50 ms",
  "visible p99 ms",
];

/** All figures as Markdown. */
export function crlReport(
  rows: readonly CostRow[],
  beside: ReadonlyMap<number, Beside>,
  circumstances: readonly string[],
): string {
  const looks = [...beside].flatMap(([entries, { alone, building }]) => [
    looksCells("nothing", entries, alone),
    looksCells("building, without a pause", entries, building),
  ]);
  return [
    circumstances.map((line) => `- ${line}`).join("\n"),
    table(COSTS, rows.map(costCells)),
    ...(looks.length > 0 ? [table(BESIDE, looks)] : []),
    "",
  ].join("\n\n");
}

function costCells({ entries, what, cost, octetsEach }: CostRow): string[] {
  const head = [what, counted(entries)];
  if (!cost) return [...head, "too long", "", "", "", ""];
  const { seconds, cpuSeconds, before, most } = cost;
  return [
    ...head,
    ...[seconds, cpuSeconds].map((figure) => figure.toFixed(2)),
    ...[before, most].map((figure) => figure.toFixed(0)),
    octetsEach?.toFixed(1) ?? "",
  ];
}

function looksCells(what: string, entries: number, looks: Looks): string[] {
  return [
    ...[what, counted(entries), String(looks.built)],
    ...[looks.p50Ms, looks.p99Ms].map(spreadOf),
    String(looks.revocations.length),
    ...[0.5, 0.99].map((part) => revocationMs(looks, part).toFixed(1)),
  ];
}

function spreadOf({ least, median, most }: Spread): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

function counted(entries: number): string {
  return entries.toLocaleString("en");
}
