// Shows what floods of requests that call for a live signature do to answers that are signed ahead.
//
//   npm run flood -- --help
//
// Pre-signed answers are asked for at one pace all the time: by themselves, under a flood of plain requests, under
// one of nonces, under one of serial numbers that nobody issued, in turn. Exits 1 when a request failed.

import { readFloodOptions, USAGE } from "./flood/options.ts";
import { failures, floodReport } from "./flood/report.ts";
import { runRounds } from "./flood/rounds.ts";
import { askedFor, say } from "./site/command-line.ts";
import { dateAndTime, machine } from "./site/machine.ts";

const asked = askedFor(readFloodOptions, USAGE);
// So that an interrupted run takes its daemon and its store with it.
process.once("SIGINT", () => process.exit(130));
const measured = `${dateAndTime()}, ${machine()}`;
const all = await runRounds(asked, say);
process.stdout.write(floodReport(all, asked, measured));
const failed = failures(all);
if (failed > 0) process.stderr.write(`error: ${failed} requests failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
