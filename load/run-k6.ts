// Runs k6 against a daemon of its own, with a throw-away CA, and reports in Markdown.
//
//   npm run load -- --help
//
// Exits 0 when every threshold was kept, else 1. k6 must be there: without it, this says how to build it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findK6, k6Version } from "./runner/find-k6.ts";
import { readLoadOptions, USAGE } from "./runner/options.ts";
import { allKept, loadReport } from "./runner/report.ts";
import { type Pace, runScenario, type ScenarioResult } from "./runner/run-scenario.ts";
import { askedFor } from "./site/command-line.ts";
import { LoadSite } from "./site/load-site.ts";
import { dateAndTime, machine } from "./site/machine.ts";
import { hashInTurn } from "./site/ocsp-requests.ts";
import { isRevokedAtImport, scattered, serialNumberAt } from "./site/records.ts";

/** Of the certificates that are imported; a CRL of a thousandth would be no stampede. */
const REVOKED_EVERY = 5;
const MOST_REQUESTS = 20_000;

/** Requests for records from all over the range, in base64, as k6 reads them. */
function writeRequests(site: LoadSite, records: number): string {
  const file = join(site.places.folder, "requests.json");
  const requests = Array.from({ length: Math.min(records, MOST_REQUESTS) }, (_, i) => {
    const serialNumber = serialNumberAt(scattered(i, records), records);
    return site.request(serialNumber, hashInTurn(i)).toString("base64");
  });
  writeFileSync(file, JSON.stringify(requests));
  return file;
}

function* goodCertificates(records: number): Generator<Uint8Array> {
  for (let i = 0; i < records; i++) {
    const certificate = scattered(i, records);
    if (isRevokedAtImport(certificate, REVOKED_EVERY)) continue;
    yield serialNumberAt(certificate, records);
  }
}

async function runAll(k6: string, records: number, pace: Pace): Promise<ScenarioResult[]> {
  const site = await LoadSite.make();
  try {
    const daemon = await site.start();
    process.stderr.write(`importing ${records} records\n`);
    await site.import(site.writeIndexFiles(records, REVOKED_EVERY));
    const requestsFile = writeRequests(site, records);
    const good = goodCertificates(records);
    const results: ScenarioResult[] = [];
    for (const name of names) {
      process.stderr.write(`${name}, ${pace.seconds} s\n`);
      results.push(await runScenario({ k6, name, site, daemon, requestsFile, good, pace }));
    }
    await daemon.stop();
    return results;
  } finally {
    await site.remove();
  }
}

const { names, records, report: reportFile, ...pace } = askedFor(readLoadOptions, USAGE);
const k6 = findK6();
// So that an interrupted run takes its daemon and its store with it.
process.once("SIGINT", () => process.exit(130));
const measured = `${dateAndTime()}, ${machine()}`;
const results = await runAll(k6, records, pace);
const command = ["npm run load --", ...process.argv.slice(2)].join(" ");
const report = loadReport(results, { measured, command, k6: k6Version(k6), records, pace });
if (reportFile === undefined) process.stdout.write(report);
else writeFileSync(reportFile, report);
process.exitCode = allKept(results) ? 0 : 1;
