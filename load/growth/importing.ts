import type {
  ImportBatch,
  ImportReport,
  ImportRow,
} from "../../src/authority/admin-import-types.ts";
import { LARGEST_IN_FLIGHT, withAuthority } from "../../src/cli/admin-client.ts";
import { ISSUER, type LoadSite } from "../site/load-site.ts";
import { cpuSeconds, processTree } from "../site/process-cost.ts";
import { NOT_AFTER, scattered, serialNumberAt } from "../site/records.ts";
import type { Importing } from "./growth-row.ts";

const BATCH = 1_000;
const LATER_SHARE = 0.3;

/** Imports this many certificates in order of serial number, as a CA is first connected. */
export async function importSorted(site: LoadSite, records: number): Promise<Importing> {
  const files = site.writeIndexFiles(records);
  const daemon = await site.start();
  const processes = processTree(daemon.pid);
  const [began, cpu] = [performance.now(), cpuSeconds(processes)];
  await site.import(files);
  const importSeconds = (performance.now() - began) / 1000;
  const importCpuSeconds = cpuSeconds(processes) - cpu;
  await daemon.stop();
  return { importSeconds, importCpuSeconds, storeOctets: site.storeOctets / records };
}

/**
 * Imports 30 % more certificates as they are issued: batches of a thousand, each from all over the range
 * of serial numbers. The octets of the store a record after that.
 */
export async function importScattered(site: LoadSite, records: number): Promise<number> {
  const later = Math.round(records * LATER_SHARE);
  const daemon = await site.start();
  await withAuthority({ admin: site.places.admin, file: site.places.config }, async (authority) => {
    const batches = scatteredBatches(later);
    const lane = async (): Promise<void> => {
      for (const batch of batches) {
        const { added } = await authority.post<ImportReport>(`/import/${ISSUER}`, batch);
        if (added !== batch.rows.length) throw new Error(`${added} of a batch were added`);
      }
    };
    await Promise.all(Array.from({ length: LARGEST_IN_FLIGHT }, lane));
  });
  await daemon.stop();
  return site.storeOctets / (records + later);
}

function* scatteredBatches(count: number): Generator<ImportBatch> {
  for (let at = 0; at < count; at += BATCH) {
    const size = Math.min(BATCH, count - at);
    const rows = Array.from({ length: size }, (_, i) => importRow(at + i, count));
    rows.sort((a, b) => (a.serialNumber < b.serialNumber ? -1 : 1));
    yield { rows, by: "growth", dryRun: false };
  }
}

function importRow(i: number, count: number): ImportRow {
  return {
    serialNumber: serialNumberAt(scattered(i, count), count, "later").toString("hex"),
    notAfter: NOT_AFTER,
    status: "good",
    reason: null,
    revocationDate: null,
    invalidityDate: null,
    file: "later",
    line: i + 1,
  };
}
