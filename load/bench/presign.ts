// How near pre-signing with proof comes to a bare loop of crypto.sign and crypto.verify: both on one core
// in one process, in turn, answers per CPU-second; prints Markdown.
//
//   node load/bench/presign.ts [--rounds N] [--seconds N]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type SigningPool, startSigningPool } from "../../src/signing/pool.ts";
import { programPath } from "../../test/support/program-path.ts";
import { positive } from "./options.ts";
import { makePki } from "./pki.ts";
import { presignWays } from "./presign-ways.ts";
import { chooseCores, HOW_TO_INSTALL } from "./programs.ts";
import { table } from "./report.ts";
import { spread, spreadText } from "./statistics.ts";

const ALGORITHMS = ["P-256", "RSA-2048"] as const;
const TARGET = 0.8;

/** Runs this program again on one core; returns how it ended. */
function runPinned(): number {
  if (programPath("taskset") === undefined) {
    process.stderr.write(`error: taskset is not installed: ${HOW_TO_INSTALL.taskset}\n`);
    return 1;
  }
  const command = ["-c", String(chooseCores().server), process.execPath, ...process.argv.slice(1)];
  return spawnSync("taskset", command, { stdio: "inherit" }).status ?? 1;
}

/** Answers per CPU-second of this process with all its threads, over at least so many CPU-seconds. */
async function rate(work: () => number | Promise<number>, seconds: number): Promise<number> {
  const began = process.cpuUsage();
  let answers = 0;
  for (;;) {
    answers += await work();
    const { user, system } = process.cpuUsage(began);
    const used = (user + system) / 1e6;
    if (used >= seconds) return answers / used;
  }
}

async function compare(
  folder: string,
  algorithm: (typeof ALGORITHMS)[number],
  pool: SigningPool,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<string[][]> {
  const ways = presignWays(makePki(join(folder, algorithm), algorithm), pool);
  const rates = ways.map((): number[] => []);
  // The first round, which compiles, does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { name, work }] of ways.entries()) {
      const found = await rate(work, seconds);
      process.stderr.write(`round ${round}/${rounds}  ${algorithm} ${name}  ${found.toFixed(0)}\n`);
      if (round > 0) rates[i]?.push(found);
    }
  }
  return rates.map((found, i) => {
    const row = [`${algorithm}: ${ways[i]?.name}`, spreadText(spread(found), 0)];
    return i === 0 ? [...row, "", ""] : [...row, ...comparison(found, rates[0] ?? [])];
  });
}

function comparison(found: readonly number[], bare: readonly number[]): string[] {
  const ratio = spread(found.map((one, round) => one / (bare[round] ?? Number.NaN)));
  return [spreadText(ratio, 2), `${TARGET}${ratio.median >= TARGET ? "" : ", not reached"}`];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
    },
  });
  const asked = {
    rounds: positive("--rounds", values.rounds),
    seconds: positive("--seconds", values.seconds),
  };
  if (availableParallelism() > 1) return runPinned();
  const folder = mkdtempSync(join(tmpdir(), "vouch-presign-"));
  const pool = startSigningPool(1);
  try {
    const rows: string[][] = [];
    for (const algorithm of ALGORITHMS) {
      rows.push(...(await compare(folder, algorithm, pool, asked)));
    }
    const columns = ["signed and verified", "answers per CPU-second", "÷ the bare loop", "target"];
    process.stdout.write(`${table(columns, rows)}\n`);
    return 0;
  } finally {
    await pool.close();
    rmSync(folder, { recursive: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
