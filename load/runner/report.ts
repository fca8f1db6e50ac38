import type { RequestTimes, Threshold } from "./k6-summary.ts";
import type { Pace, ScenarioResult } from "./run-scenario.ts";

/** Under what the scenarios ran. */
export interface Circumstances {
  /** When it began, and on what. */
  readonly measured: string;
  readonly command: string;
  readonly k6: string;
  readonly records: number;
  readonly pace: Pace;
}

/** The report, in Markdown. */
export function loadReport(
  results: readonly ScenarioResult[],
  { measured, command, k6, records, pace }: Circumstances,
): string {
  return `# Load

${measured}, ${k6}

\`${command}\`: ${records.toLocaleString("en-US")} records, up to ${pace.rate} requests a second, ${pace.seconds} s a scenario. k6 runs on the
same machine and takes processor time from what it measures.

| scenario | thresholds | requests | failed | requests per CPU-second | responder's private memory |
| --- | --- | ---: | ---: | ---: | ---: |
${results.map(overview).join("\n")}

${results.map(scenarioPart).join("\n\n")}
`;
}

/** Whether every threshold was kept. */
export function allKept(results: readonly ScenarioResult[]): boolean {
  return results.every((result) => thresholds(result).every(({ ok }) => ok));
}

function overview(result: ScenarioResult): string {
  const { title, summary, cpuSeconds, rssAnon } = result;
  const missed = thresholds(result).filter(({ ok }) => !ok).length;
  const cells = [
    title,
    missed === 0 ? "kept" : `**${missed} missed**`,
    summary.requests,
    `${(summary.failedShare * 100).toFixed(2)} %`,
    Math.round(summary.requests / cpuSeconds),
    `${(rssAnon / 1_000_000).toFixed(1)} MB`,
  ];
  return row(cells);
}

function scenarioPart(result: ScenarioResult): string {
  const { title, summary, lines } = result;
  const crl = `CRLs: ${summary.crlDownloads} downloads, ${summary.crlUnchanged} times 304.`;
  return `## ${title}

${[...lines, crl].join("\n")}

| request | count | p50 ms | p95 ms | p99 ms | most ms |
| --- | ---: | ---: | ---: | ---: | ---: |
${summary.times.map(timesRow).join("\n")}

| threshold | measured | |
| --- | ---: | --- |
${thresholds(result).map(thresholdRow).join("\n")}`;
}

function timesRow({ name, count, medianMs, p95Ms, p99Ms, mostMs }: RequestTimes): string {
  return row([name, count, ...[medianMs, p95Ms, p99Ms, mostMs].map((ms) => ms.toFixed(2))]);
}

function thresholdRow({ what, measured, ok }: Threshold): string {
  return row([`\`${what}\``, measured, ok ? "kept" : "**missed**"]);
}

function thresholds({ summary, ...beside }: ScenarioResult): Threshold[] {
  return [...summary.thresholds, ...beside.thresholds];
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}
