// What CRLs of many entries cost to build, sign, prove, compare and publish, beside `openssl ca -gencrl` on
// the same entries (without proof); and a delta to them. Prints Markdown.
//
//   node load/crl.ts [--entries 10000,100000,1000000] [--openssl SECONDS]
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Office } from "../test/authority/office.ts";
import { row, serials } from "../test/authority/office.ts";
import { table } from "./bench/report.ts";
import { type Cost, costOf, costOfCommand } from "./crl/cost.ts";
import { openSite } from "./crl/site.ts";

/** Certificates that change before the delta. */
const CHANGES = 100;
const GENCRL =
  "openssl ca -config openssl.cnf -cert ca.pem -keyfile ca.key -gencrl -out openssl.crl";
/** A line of PEM is 48 octets in 64 characters and an end. */
const DER_OF_PEM = 48 / 65;
const HEADINGS = ["entries", "what", "seconds", "CPU-seconds", "extra MB", "octets an entry"];

async function bytesOf(office: Office, kinds: "all" | "delta"): Promise<number> {
  const [crl] = await office.issueCRLs({ kinds });
  if (!crl || crl.refused !== null) throw new Error(`refused: ${crl?.refused}`);
  return crl.bytes;
}

async function changeSome(office: Office): Promise<void> {
  const names = serials(CHANGES, 0x70_00_00);
  await office.import(names.map((name) => row(name)));
  await office.revoke(names);
}

async function measure(count: number, opensslSeconds: number): Promise<string[][]> {
  const office = await openSite(count);
  const shown = (what: string, cost: Cost | undefined, listed = count): string[] =>
    rowOf(count, what, cost, listed);
  const rows = [shown("the first full CRL", await costOf(() => bytesOf(office, "all")))];
  rows.push(
    shown("the next, compared with it", await costOf(() => bytesOf(office, "all"))),
    shown("and the next", await costOf(() => bytesOf(office, "all"))),
  );
  await changeSome(office);
  const delta = await costOf(() => bytesOf(office, "delta"));
  rows.push(shown(`a delta of ${CHANGES}`, delta, CHANGES));
  const openssl = costOfCommand(GENCRL, office.pki.folder, opensslSeconds);
  const file = join(office.pki.folder, "openssl.crl");
  rows.push(
    shown("openssl ca -gencrl", openssl && { ...openssl, bytes: statSync(file).size * DER_OF_PEM }),
  );
  await office.close();
  return rows;
}

function rowOf(count: number, what: string, cost: Cost | undefined, listed: number): string[] {
  const head = [count.toLocaleString("en"), what];
  if (!cost) return [...head, "too long", "", "", ""];
  const { seconds, cpuSeconds, peakMegabytes, bytes } = cost;
  const memory = peakMegabytes === undefined ? "" : peakMegabytes.toFixed(0);
  return [...head, seconds.toFixed(2), cpuSeconds.toFixed(2), memory, (bytes / listed).toFixed(1)];
}

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "10000,100000,1000000" },
    openssl: { type: "string", default: "120" },
  },
});
const rows: string[][] = [];
for (const count of values.entries.split(",").map(Number)) {
  process.stderr.write(`${count} entries\n`);
  rows.push(...(await measure(count, Number(values.openssl))));
}
process.stdout.write(`${table(HEADINGS, rows)}\n`);
