import type { Measurement, Use } from "./measure.ts";
import { outcomeName, type Ratio } from "./ratios.ts";
import type { Outcome } from "./rounds.ts";
import { spread, spreadText } from "./statistics.ts";

/** Everything a run found. */
export interface Findings {
  /** What was measured, on what, and how: a line each. */
  readonly circumstances: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly ratios: readonly Ratio[];
  /** What was left out, and why. */
  readonly leftOut: readonly string[];
}

const COLUMNS = [
  "server and request",
  "requests per CPU-second",
  "requests/s",
  "p50 ms",
  "p99 ms",
  "RSS MB",
  "RssAnon MB",
  "core taken by others, %",
  "octets of the body",
];

/** The findings as Markdown. */
export function markdown({ circumstances, outcomes, ratios, leftOut }: Findings): string {
  const figures = table(COLUMNS, outcomes.flatMap(outcomeRows));
  const compared = table(
    ["ratio of requests per CPU-second", "median (min–max)", "target"],
    ratios.map(ratioRow),
  );
  const omitted = leftOut.map((text) => `- left out: ${text}`);
  return [
    circumstances.map((line) => `- ${line}`).join("\n"),
    figures,
    ...(ratios.length > 0 ? [compared] : []),
    ...(omitted.length > 0 ? [omitted.join("\n")] : []),
  ].join("\n\n");
}

function outcomeRows(outcome: Outcome): string[][] {
  const { rounds, answer } = outcome;
  const over = (value: (one: Measurement) => number, decimals: number): string =>
    spreadText(spread(rounds.map(value)), decimals);
  const whole = [
    outcomeName(outcome),
    ...useCells(
      rounds.map(({ all }) => all),
      [over((one) => one.perSecond, 0), over((one) => one.p50Ms, 2), over((one) => one.p99Ms, 2)],
    ),
    over(({ coreTaken }) => coreTaken * 100, 0),
    String(answer.body),
  ];
  const alone = rounds.flatMap(({ responder }) => responder ?? []);
  if (alone.length === 0) return [whole];
  return [whole, ["〃 the responder alone", ...useCells(alone, ["", "", ""]), "", ""]];
}

function useCells(uses: readonly Use[], between: readonly string[]): string[] {
  const over = (field: keyof Use, decimals: number): string =>
    spreadText(spread(uses.map((use) => use[field])), decimals);
  return [over("perCpuSecond", 0), ...between, over("rssMB", 0), over("rssAnonMB", 0)];
}

function ratioRow({ of, to, spread: found, target }: Ratio): string[] {
  const reached = target !== undefined && found.median >= target;
  const goal = target === undefined ? "" : `${target}${reached ? "" : ", not reached"}`;
  return [`${of} ÷ ${to}`, spreadText(found, 2), goal];
}

/** The findings as one JSON document, with every measurement. */
export function jsonDocument(findings: Findings): string {
  const outcomes = findings.outcomes.map((outcome) => {
    const { answer, rounds } = outcome;
    return { name: outcomeName(outcome), answer, rounds };
  });
  return `${JSON.stringify({ ...findings, outcomes }, null, 2)}\n`;
}

/** A Markdown table; every column but the first is numbers. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, i) => (i === 0 ? "---" : "---:"));
  return [columns, rule, ...rows].map(line).join("\n");
}
