import { parseArgs } from "node:util";
import { fuzz, LONGEST_MS } from "./run.ts";

/* npm run fuzz -- --count 10000000 --seed 1: reads so many mutated requests, and reports. */

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
    "pkijs-one-in": { type: "string", default: "100" },
  },
});

const count = Number(values.count);
const seed = Number(values.seed);
const pkijsOneIn = Number(values["pkijs-one-in"]);
if (![count, seed, pkijsOneIn].every((number) => Number.isSafeInteger(number) && number > 0)) {
  process.stderr.write("usage: npm run fuzz -- [--count N] [--seed S] [--pkijs-one-in N]\n");
  process.exit(2);
}

const began = performance.now();
const onMillion = (done: number): void => {
  process.stderr.write(`${done / 1e6} million, ${seconds()} s\n`);
};
const report = fuzz({ count, seed, pkijsOneIn, onMillion });
const [early, end] = report.rssAnon;
const growth = end / early;
const ok = growth <= 1.1 && report.slowestMs <= LONGEST_MS;
process.stdout.write(`${JSON.stringify({ ...report, growth, seconds: seconds(), ok }, null, 2)}\n`);
process.exitCode = ok ? 0 : 1;

function seconds(): number {
  return Math.round((performance.now() - began) / 1000);
}
