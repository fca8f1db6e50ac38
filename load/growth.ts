// How Vouch grows with the number of records: measures it, and writes docs/growth.md, growth.svg and
// growth.json (the rows, to which another run adds its own).
//
//   node load/growth.ts [--records 10000,100000,1000000] [--rounds 5] [--seconds 10] [--output docs]
//
// With wrk and taskset where they are; a million records take about a quarter of an hour.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { grow } from "./growth/grow.ts";
import type { GrowthRow } from "./growth/growth-row.ts";
import { growthPage } from "./growth/page.ts";
import { growthPlot } from "./growth/plot.ts";

/** Every thousandth request in the slowest round, and 400 revocations, are different records. */
const FEWEST_RECORDS = 1_000;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "10000,100000,1000000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    output: { type: "string", default: fileURLToPath(new URL("../docs", import.meta.url)) },
  },
});

function wholeNumber(text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  process.stderr.write(`error: "${text}" is no whole number of at least ${least}\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

/** Rows of earlier runs stay, but for those of the same size. */
function withEarlier(file: string, row: GrowthRow): GrowthRow[] {
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as GrowthRow[]) : [];
  const others = earlier.filter(({ records }) => records !== row.records);
  return [...others, row].sort((a, b) => a.records - b.records);
}

function write(folder: string, row: GrowthRow): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "growth.json");
  const rows = withEarlier(file, row);
  writeFileSync(file, `${JSON.stringify(rows, undefined, 2)}\n`);
  writeFileSync(join(folder, "growth.md"), growthPage(rows));
  writeFileSync(join(folder, "growth.svg"), growthPlot(rows));
}

// So that an interrupted run takes its daemon and its store with it.
process.once("SIGINT", () => process.exit(130));
const sizes = values.records.split(",").map((text) => wholeNumber(text, FEWEST_RECORDS));
const rounds = wholeNumber(values.rounds, 1);
const seconds = wholeNumber(values.seconds, 1);
for (const records of sizes) {
  const row = await grow(records, { rounds, seconds }, (what) => say(`${records}: ${what}`));
  write(values.output, row);
  say(`${records}: ${JSON.stringify(row)}`);
}
