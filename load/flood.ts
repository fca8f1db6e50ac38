// Shows what floods of requests that call for a live signature do to answers that are signed ahead.
//
//   npm run flood -- --help
//
// Pre-signed answers are asked for at one pace all the time: by themselves, under a flood of plain requests, under
// one of nonces, under one of serial numbers that nobody issued, in turn. Exits 1 when a request failed.

import { type FloodOptions, readFloodOptions, USAGE } from "./flood/options.ts";
import { failures, floodReport } from "./flood/report.ts";
import { runRounds } from "./flood/rounds.ts";
import { dateAndTime, machine } from "./site/machine.ts";

function options(): FloodOptions {
  try {
    const read = readFloodOptions(process.argv.slice(2));
    if (read !== "help") return read;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}

const asked = options();
// So that an interrupted run takes its daemon and its store with it.
process.once("SIGINT", () => process.exit(130));
const measured = `${dateAndTime()}, ${machine()}`;
const all = await runRounds(asked, say);
process.stdout.write(floodReport(all, asked, measured));
const failed = failures(all);
if (failed > 0) process.stderr.write(`error: ${failed} requests failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
