// Shows what floods of requests that call for a live signature do to answers that are signed ahead.
//
//   npm run flood [-- --records 10000] [--rate 500] [--flood 3000] [--addresses 64] [--seconds 10] [--rounds 3]
//
// Pre-signed answers are asked for at one pace all the time: by themselves, under a flood of nonces, under a flood
// of serial numbers that nobody issued (with `unissued: unknown`, so that each wants a signature), in turn. Floods
// come from many addresses, each with a budget of its own. Prints the p99 of the pre-signed answers in each, and
// its ratio to that without a flood in the same round. Exits 1 when a request failed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PacedPlan, type PacedResult, runPaced } from "./flood/plan.ts";
import { pinResponder } from "./growth/pin.ts";
import { type LoadPlan, type LoadResult, loadPlan, runLoad } from "./growth/request-load.ts";
import { LoadSite } from "./site/load-site.ts";
import { dateAndTime, machine } from "./site/machine.ts";
import { hashInTurn } from "./site/ocsp-requests.ts";
import { cpuSeconds, processTree } from "./site/process-cost.ts";
import { scattered, serialNumberAt } from "./site/records.ts";
import { spread } from "./site/spread.ts";

const FLOODS = ["none", "presigned", "nonce", "random"] as const;
type Flood = (typeof FLOODS)[number];

interface Round {
  readonly flood: Flood;
  readonly presigned: LoadResult;
  readonly flooded: PacedResult | undefined;
  /** Of all of Vouch's processes. */
  readonly cpuSeconds: number;
}

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "10000" },
    rate: { type: "string", default: "500" },
    flood: { type: "string", default: "3000" },
    addresses: { type: "string", default: "64" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
  },
});

function whole(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1) return number;
  process.stderr.write(`error: --${name} ${values[name]} is no whole number of at least 1\n`);
  process.exit(2);
}

const CONNECTIONS = 16;
const records = whole("records");
const [seconds, rounds] = [whole("seconds"), whole("rounds")];

function writeRequests(site: LoadSite): string {
  const file = join(site.places.folder, "requests.json");
  const requests = Array.from({ length: records }, (_, i) =>
    site.request(serialNumberAt(scattered(i, records), records), hashInTurn(i)).toString("base64"),
  );
  writeFileSync(file, JSON.stringify(requests));
  return file;
}

async function runRound(
  flood: Flood,
  presigned: LoadPlan,
  flooding: Omit<PacedPlan, "kind">,
  pids: readonly number[],
): Promise<Round> {
  const before = cpuSeconds(pids);
  const [result, flooded] = await Promise.all([
    runLoad(presigned),
    flood === "none" ? undefined : runPaced({ ...flooding, kind: flood }),
  ]);
  return { flood, presigned: result, flooded, cpuSeconds: cpuSeconds(pids) - before };
}

async function measure(): Promise<Round[]> {
  const site = await LoadSite.make({ ocsp: { unissued: "unknown" }, crl: false });
  try {
    const daemon = await site.start();
    await site.import(site.writeIndexFiles(records));
    pinResponder(daemon);
    const requestsFile = writeRequests(site);
    const delayMs = (1000 * CONNECTIONS) / whole("rate");
    const presigned = { ...loadPlan(site, records, seconds), connections: CONNECTIONS, delayMs };
    const rates = { rate: whole("flood"), addresses: whole("addresses"), connections: 8 };
    const flooding = { url: site.url, requestsFile, seconds: seconds + 1, ...rates };
    const pids = processTree(daemon.pid);
    await runRound("none", presigned, flooding, pids);
    const all: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const flood of FLOODS) all.push(await runRound(flood, presigned, flooding, pids));
    }
    await daemon.stop();
    return all;
  } finally {
    await site.remove();
  }
}

function row(flood: Flood, all: readonly Round[]): string {
  const mine = all.filter((round) => round.flood === flood);
  const without = all.filter((round) => round.flood === "none");
  const p99 = spread(mine.map(({ presigned }) => presigned.p99Ms));
  const ratios = mine.map(({ presigned }, i) => presigned.p99Ms / p99Of(without[i]));
  const ratio = spread(ratios);
  const p50 = spread(mine.map(({ presigned }) => presigned.p50Ms)).median;
  const sum = (pick: (result: PacedResult) => number): number =>
    mine.reduce((total, { flooded }) => total + (flooded ? pick(flooded) : 0), 0);
  const cells = [
    flood === "none" ? "no flood" : `${values.flood} ${flood}s a second`,
    p50.toFixed(2),
    `${p99.median.toFixed(2)} (${p99.least.toFixed(2)}-${p99.most.toFixed(2)})`,
    `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}-${ratio.most.toFixed(2)})`,
    sum(({ requests }) => requests),
    sum(({ nonces }) => nonces),
    sum(({ tryLater }) => tryLater),
    (mine.reduce((total, one) => total + one.cpuSeconds, 0) / (mine.length * seconds)).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

function p99Of(round: Round | undefined): number {
  return round?.presigned.p99Ms ?? Number.NaN;
}

const measured = `${dateAndTime()}, ${machine()}`;
const all = await measure();
process.stdout.write(`# Floods

${measured}

${values.rate} pre-signed answers a second out of ${records} records, ${seconds} s a round, ${rounds} rounds in turn, floods from ${values.addresses} addresses.

| flood | p50 ms | p99 ms | ratio to no flood | flood's requests | with their nonce | tryLater | cores used |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${FLOODS.map((flood) => row(flood, all)).join("\n")}
`);
const failed = all.reduce(
  (sum, { presigned, flooded }) => sum + presigned.failed + (flooded?.failed ?? 0),
  0,
);
if (failed > 0) process.stderr.write(`error: ${failed} requests failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
