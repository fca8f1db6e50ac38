import { Readable } from "node:stream";
import type {
  BadLine,
  CRLImportReport,
  ImportBatch,
  ImportReport,
  ImportRow,
} from "../authority/admin-import-types.ts";
import { sumReports } from "../authority/import/sum-reports.ts";
import { type AdminClient, LARGEST_IN_FLIGHT } from "./admin-client.ts";
import { Failure, failureOf } from "./failure.ts";
import type { CRLFile } from "./import-files.ts";
import { sayingWhatStays } from "./interruption.ts";
import { type Progress, withProgress } from "./progress.ts";

/** What is to be imported, and what was bad before it reached the authority. */
export interface ImportPlan {
  readonly issuer: string;
  readonly by: string;
  readonly rows: readonly ImportRow[];
  readonly bad: readonly BadLine[];
  readonly crls: readonly CRLFile[];
}

const LARGEST_BATCH = 1000;

/** Imports what is good, and reports the rest. Certificates go before CRLs, which say what they have become. */
export function importAll(authority: AdminClient, plan: ImportPlan): Promise<CRLImportReport> {
  return sayingWhatStays("what was imported so far stays; import the same again for the rest", () =>
    withProgress("importing", (progress) => sendAll(authority, plan, "change", progress)),
  );
}

/** Imports everything, or nothing when any line is bad: asks what would be before it asks for it. */
export async function importStrictly(
  authority: AdminClient,
  plan: ImportPlan,
): Promise<CRLImportReport> {
  const would = await withProgress("checking", (progress) =>
    sendAll(authority, plan, "dryRun", progress),
  );
  if (would.bad.length > 0) return { ...would, added: 0, unchanged: 0, changed: 0 };
  return importAll(authority, plan);
}

async function sendAll(
  authority: AdminClient,
  plan: ImportPlan,
  purpose: "change" | "dryRun",
  progress: Progress,
): Promise<CRLImportReport> {
  const rows = await sendRows(authority, plan, purpose, progress);
  return sendCRLs(authority, plan, purpose, { ...rows, warnings: [] });
}

/** Each CRL whole, one after the other: a delta after its base, where they are named so. */
async function sendCRLs(
  authority: AdminClient,
  { issuer, by, crls }: ImportPlan,
  purpose: "change" | "dryRun",
  rows: CRLImportReport,
): Promise<CRLImportReport> {
  let report = rows;
  for (const { crl, octets } of crls) {
    const query = new URLSearchParams({
      name: crl,
      by,
      ...(purpose === "dryRun" && { dryRun: "1" }),
    });
    const path = `/import/${encodeURIComponent(issuer)}/crl?${query}`;
    const part = await authority.send<CRLImportReport>(path, Readable.from([octets]));
    const warnings = [...report.warnings, ...part.warnings];
    report = { ...sumReports(report, part), warnings };
  }
  return report;
}

async function sendRows(
  authority: AdminClient,
  { issuer, by, rows, bad }: ImportPlan,
  purpose: "change" | "dryRun",
  progress: Progress,
): Promise<ImportReport> {
  const path = `/import/${encodeURIComponent(issuer)}`;
  let report: ImportReport = { read: bad.length, added: 0, unchanged: 0, changed: 0, bad };
  let sent = 0;
  const send = async (batch: readonly ImportRow[]): Promise<void> => {
    const body: ImportBatch = { rows: batch, by, dryRun: purpose === "dryRun" };
    const part = await authority.post<ImportReport>(path, body);
    report = sumReports(report, part);
    sent += batch.length;
    progress(sent, rows.length);
  };
  await severalAtOnce(batches(rows), send).catch((error: unknown) => {
    throw purpose === "change" ? interrupted(failureOf(error), sent, rows.length) : error;
  });
  return report;
}

function* batches(rows: readonly ImportRow[]): Generator<readonly ImportRow[]> {
  for (let at = 0; at < rows.length; at += LARGEST_BATCH) yield rows.slice(at, at + LARGEST_BATCH);
}

/** Takes work as it comes, a few pieces at a time. After a failure nothing more is begun. */
async function severalAtOnce<Piece>(
  pieces: Generator<Piece>,
  work: (piece: Piece) => Promise<void>,
): Promise<void> {
  const lane = async (): Promise<void> => {
    // A throw closes the generator, which ends the other lanes after what they have begun.
    for (const piece of pieces) await work(piece);
  };
  const lanes = await Promise.allSettled(Array.from({ length: LARGEST_IN_FLIGHT }, lane));
  const failed = lanes.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

function interrupted(failure: Failure, sent: number, total: number): Failure {
  if (sent === 0) return failure;
  return new Failure(
    failure.code,
    `${failure.message} (${sent} of ${total} rows had been imported)`,
    `${failure.do}; then give the same command again: what is imported stays as it is`,
  );
}
