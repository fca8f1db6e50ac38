import type { Spread } from "../site/spread.ts";
import type { GrowthRow } from "./growth-row.ts";
import { type GrowthMetric, METRICS, withDigits } from "./metrics.ts";
import { REFERENCE_RECORDS } from "./rates.ts";

const COMMAND = "npm run growth";

/** `docs/growth.md`: what was measured, how, and on what. */
export function growthPage(rows: readonly GrowthRow[]): string {
  return `# Growth

What changes with the number of records, and what does not. ECDSA P-256, answers for SHA-1 and SHA-256
signed ahead, serial numbers of 16 octets, all certificates good at first, one responder.

${table(rows)}

![The same as a plot](growth.svg)

${measuredLines(rows)}

Made by \`${COMMAND} -- --records ${sizes(rows)}\`. A run with other sizes (\`--records 10000000\`) adds its column to
those that are there. Several rounds are given as median (least–most).

- *POST requests, p99*: 32 connections that stay open, up to 100,000 different serial numbers in
  scattered order, the responder on one core and the client (${clients(rows)}) on another; processor time of all of
  Vouch's processes. A second daemon with ${withDigits(REFERENCE_RECORDS, 0)} records is asked in turn with the first, so that
  their ratio does not depend on what else the machine does.
- *Private memory*: \`RssAnon\` of the responder after it has answered for every record.
- *Store*: the size of \`data.mdb\`, with journal and all; after an import in order of serial numbers, then
  after 30 % more in batches of 1,000, each from all over the range.
- *Start to first answer*: from the start of \`vouch serve\` to the first good answer; files in the page cache.
- *Revoke to visible*: from the request on the admin socket to the first answer that says \`revoked\`, 200
  times, while 32 connections ask about 3,000 times a second.
- *Sweep*: the daemon is started with \`validity: 120s\` on answers older than 51 s, so that all are
  due; the authority's processor time from one reading of its counter of signed answers to another, for
  two answers a record. *In a sweep* is with that configuration, from the start of the pass.
`;
}

function table(rows: readonly GrowthRow[]): string {
  const head = ["", "unit", "aim", ...rows.map(({ records }) => withDigits(records, 0))];
  const rule = head.map((_, column) => (column < 2 ? "---" : "---:"));
  const body = METRICS.map((metric) => [
    metric.title,
    metric.unit,
    metric.target ? `${metric.target.bound} ${metric.target.value}` : "",
    ...rows.map((row) => cell(metric, row)),
  ]);
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cell({ value, digits }: GrowthMetric, row: GrowthRow): string {
  const measured = value(row);
  const text = (number: number): string => withDigits(number, digits);
  if (typeof measured === "number") return text(measured);
  const { least, median, most }: Spread = measured;
  return `${text(median)} (${text(least)}–${text(most)})`;
}

function measuredLines(rows: readonly GrowthRow[]): string {
  return rows
    .map(
      ({ records, measured, machine, rounds, seconds }) =>
        `- ${withDigits(records, 0)} records: ${measured}, ${machine}; ${rounds} rounds of ${seconds} s`,
    )
    .join("\n");
}

function sizes(rows: readonly GrowthRow[]): string {
  return rows.map(({ records }) => records).join(",");
}

function clients(rows: readonly GrowthRow[]): string {
  return [...new Set(rows.map(({ client }) => client))].join(", ");
}
