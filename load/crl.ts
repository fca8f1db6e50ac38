// What CRLs of many entries cost to build and to import, and what that does to OCSP and to revocations beside it.
//
//   npm run bench:crl -- --help
import type { Beside } from "./crl/beside.ts";
import { measureBuilding } from "./crl/building.ts";
import { measureImporting } from "./crl/importing.ts";
import { readCRLOptions, USAGE } from "./crl/options.ts";
import { type CostRow, crlReport } from "./crl/report.ts";
import { askedFor, say } from "./site/command-line.ts";
import { dateAndTime, machine } from "./site/machine.ts";

const asked = askedFor(readCRLOptions, USAGE);
// So that an interrupted run takes its daemon and its store with it.
process.once("SIGINT", () => process.exit(130));
const circumstances = [
  `${dateAndTime()}, ${machine()}`,
  `the daemon on one core; median of ${asked.rounds} rounds, each of a process that has just begun; ECDSA P-256, serial numbers of 16 octets`,
  "private: RssAnon of the authority; CPU-seconds of an import are without the signing of answers that goes on beside it",
];
const rows: CostRow[] = [];
const beside = new Map<number, Beside>();
for (const entries of asked.entries) {
  if (asked.parts.includes("build")) {
    const built = await measureBuilding(entries, asked, say);
    rows.push(...built.rows);
    beside.set(entries, built.beside);
  }
  if (asked.parts.includes("import")) rows.push(...(await measureImporting(entries, asked, say)));
}
process.stdout.write(crlReport(rows, beside, circumstances));
