import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { IssueRequest, PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import type { ChangeReport } from "../../src/authority/admin-types.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { until } from "../../test/support/until.ts";
import { ISSUER, LoadSite } from "../site/load-site.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import { revokeRequest } from "../site/revoke-visible.ts";
import { type Beside, lookBeside } from "./beside.ts";
import { type Cost, costOf, costOfProgram, medianCost } from "./cost.ts";
import { type Building, RECORDS, withBuilding } from "./daemon.ts";
import { fill } from "./entries.ts";
import type { CRLBenchOptions } from "./options.ts";
import type { CostRow } from "./report.ts";

const URL = "http://crl.example.vn/crl/load.crl";
/** Nothing is issued but on demand. */
const CRL = { url: URL, delta: "9d", every: "10d", validity: "20d", onRevocation: 0 };
/** Before the delta. */
const CHANGES = 100;
const GENCRL = [
  ...["openssl", "ca", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"],
  ...["-gencrl", "-out", "openssl.crl"],
] as const;
/** A line of PEM is 48 octets in 64 characters and an end. */
const DER_OF_PEM = 48 / 65;
const GZIP_WITHIN_MS = 60_000;

/** Builds, signs, proves and publishes CRLs of so many entries. */
export async function measureBuilding(
  count: number,
  options: CRLBenchOptions,
  say: (what: string) => void,
): Promise<{ rows: CostRow[]; beside: Beside }> {
  const site = await LoadSite.make({ crl: CRL });
  try {
    say(`filling a store with ${count} revocations`);
    await fill(site, count);
    const openssl = await opensslRow(site, count, options.opensslSeconds);
    await withBuilding(site, async (building) => {
      await site.import(site.writeIndexFiles(RECORDS));
      await issue(building, "all");
    });
    const full = await fullRows(site, count, options, say);
    const { delta, beside } = await withBuilding(site, async (building) => ({
      delta: await deltaRow(building, count),
      beside: await lookBeside(building, options, () => issue(building, "all"), say),
    }));
    return { rows: [...full, delta, openssl], beside };
  } finally {
    await site.remove();
  }
}

/** Issues CRLs; the octets of the first. */
async function issue({ authority }: Building, kinds: IssueRequest["kinds"]): Promise<number> {
  const order: IssueRequest = { by: "load", kinds, force: null, ends: "inTime" };
  const [crl] = await authority.post<PublishedCRL[]>(`/crls/${ISSUER}`, order);
  if (!crl || crl.refused !== null) throw new Error(`refused: ${crl?.refused}`);
  return crl.bytes;
}

async function fullRows(
  site: LoadSite,
  count: number,
  { rounds }: CRLBenchOptions,
  say: (what: string) => void,
): Promise<CostRow[]> {
  const full: Cost[] = [];
  const compressed: Cost[] = [];
  let octets = 0;
  for (let round = 1; round <= rounds; round++) {
    say(`${count} entries: building, round ${round} of ${rounds}`);
    // Each in a process that has just begun, and has no garbage of what it did before.
    await withBuilding(site, async (building) => {
      const build = async (): Promise<void> => {
        octets = await issue(building, "all");
      };
      full.push(await costOf(building.pid, build));
      compressed.push(await costOf(building.pid, () => gzipped(site)));
    });
  }
  const { size } = statSync(gzipOf(site));
  return [
    row(count, "full CRL, compared with the one before", medianCost(full), octets / count),
    row(count, "its gzip, afterwards", medianCost(compressed), size / count),
  ];
}

function gzipped(site: LoadSite): Promise<unknown> {
  return until(() => Promise.resolve(existsSync(gzipOf(site))), {
    what: "the compressed CRL",
    within: GZIP_WITHIN_MS,
  });
}

function gzipOf({ places }: LoadSite): string {
  return join(crlFolder(places.data), `${ISSUER}.crl.gz`);
}

async function deltaRow(building: Building, count: number): Promise<CostRow> {
  for (let i = 0; i < CHANGES; i++) {
    const serialNumber = serialNumberAt(scattered(RECORDS - 1 - i, RECORDS), RECORDS);
    await building.authority.post<ChangeReport>("/revoke", revokeRequest(serialNumber));
  }
  let octets = 0;
  const cost = await costOf(building.pid, async () => {
    octets = await issue(building, "delta");
  });
  return row(count, `a delta of ${CHANGES} to it`, cost, octets / CHANGES);
}

async function opensslRow({ pki }: LoadSite, count: number, seconds: number): Promise<CostRow> {
  const cost = await costOfProgram(GENCRL, pki.folder, seconds);
  const octets = cost && (statSync(join(pki.folder, "openssl.crl")).size * DER_OF_PEM) / count;
  return row(count, "openssl ca -gencrl", cost, octets);
}

function row(
  entries: number,
  what: string,
  cost: Cost | undefined,
  octetsEach: number | undefined,
): CostRow {
  return { entries, what, cost, octetsEach };
}
