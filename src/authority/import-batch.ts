import { createHash } from "node:crypto";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { recordVersion, setRecordVersion } from "../ocsp/record.ts";
import { appendChange, appendJournal } from "../store/journal.ts";
import type { Transaction } from "../store/store.ts";
import type { BadLine, ImportBatch, ImportReport, ImportRow } from "./admin-import-types.ts";
import type { MadeRecord } from "./answer-maker.ts";
import { putStatusChange } from "./change-write.ts";
import type { Desk } from "./desk.ts";
import { judgeRow, type Planned } from "./import-row.ts";
import type { Issuer } from "./issuer.ts";
import { isUntouched, noteWritten, type RecordWrite } from "./record-write.ts";

type Write = RecordWrite & Planned;

const MOST_TRIES = 10;

/**
 * Imports a batch of certificates: one transaction, one journal event for the batch and one for each
 * revocation in it. The same batch again changes nothing; what is revoked is never made good.
 */
export async function importBatch(
  desk: Desk,
  issuer: Issuer,
  batch: ImportBatch,
): Promise<ImportReport> {
  const at = desk.clock();
  let { planned, report } = planBatch(desk, issuer, batch.rows, at);
  if (batch.dryRun) return report;
  for (let tries = 0; planned.length > 0; tries++) {
    if (tries === MOST_TRIES) throw new Error("the records keep changing while they are imported");
    const conflicts = await writeBatch(desk, issuer, batch, planned, at);
    if (conflicts.length === 0) break;
    const rows = conflicts.map(({ row }) => row);
    const again = planBatch(desk, issuer, rows, at);
    report = merged(report, conflicts, again.report);
    planned = again.planned;
  }
  return report;
}

/** What was planned twice is counted as it came out the second time. */
function merged(
  first: ImportReport,
  conflicts: readonly Planned[],
  again: ImportReport,
): ImportReport {
  const newThen = conflicts.filter(({ before }) => !before).length;
  return {
    read: first.read,
    added: first.added - newThen + again.added,
    changed: first.changed - (conflicts.length - newThen) + again.changed,
    unchanged: first.unchanged + again.unchanged,
    bad: [...first.bad, ...again.bad],
  };
}

function planBatch(
  desk: Desk,
  issuer: Issuer,
  rows: readonly ImportRow[],
  at: UnixSeconds,
): { planned: Planned[]; report: ImportReport } {
  const planned: Planned[] = [];
  const bad: BadLine[] = [];
  let unchanged = 0;
  desk.store.refresh();
  for (const row of rows) {
    const verdict = judgeRow(desk.store, issuer, row, at);
    if (verdict === "unchanged") unchanged++;
    else if ("bad" in verdict) bad.push({ file: row.file, line: row.line, message: verdict.bad });
    else planned.push(verdict);
  }
  const added = planned.filter(({ before }) => !before).length;
  const changed = planned.length - added;
  return { planned, report: { read: rows.length, added, unchanged, changed, bad } };
}

/** Writes what is still as it was planned; returns what is not. */
async function writeBatch(
  desk: Desk,
  issuer: Issuer,
  batch: ImportBatch,
  planned: readonly Planned[],
  at: UnixSeconds,
): Promise<Planned[]> {
  const drafts = planned.map(({ draft }) => draft);
  const made = await desk.maker.make(issuer, drafts, "bulk");
  const writes: Write[] = planned.map((plan, i) => ({
    ...plan,
    after: (made[i] as MadeRecord).octets,
  }));
  const fresh = await desk.store.transact((transaction) => {
    const untouched = writes.filter((write) => isUntouched(transaction, write));
    putIssued(transaction, issuer, batch, untouched, at);
    for (const write of untouched.filter(({ tells }) => tells === "status")) {
      putStatusChange(transaction, issuer, write, {
        by: batch.by,
        request: null,
        agency: null,
        at,
      });
    }
    return untouched;
  });
  desk.store.refresh();
  noteWritten(desk, fresh);
  return writes.filter((write) => !fresh.includes(write));
}

/** Those of a batch of which it only tells that they were issued: one event, whose sequence is the version of each. */
function putIssued(
  transaction: Transaction,
  issuer: Issuer,
  batch: ImportBatch,
  writes: readonly Write[],
  at: UnixSeconds,
): void {
  const issued = writes.filter(({ tells }) => tells === "issuance");
  const [first] = issued;
  const last = issued.at(-1);
  if (!first || !last) return;
  const sequence = appendJournal(transaction, {
    action: "import",
    by: batch.by,
    at: rfc3339(at),
    issuer: issuer.name,
    rows: issued.length,
    rowsHash: rowsHash(issued.map(({ row }) => row)),
    previousOnes: previousOnes(issued),
  });
  for (const { key, after } of issued) {
    setRecordVersion(after, sequence);
    transaction.put("records", key, after);
  }
  const range = [first.draft.serialNumber, last.draft.serialNumber];
  appendChange(transaction, issuer.number, sequence, range);
}

/** What touched last those that were known before, so that their history can be followed back. */
function previousOnes(writes: readonly Write[]): number[] | undefined {
  const sequences = new Set(writes.flatMap(({ before }) => (before ? recordVersion(before) : [])));
  return sequences.size === 0 ? undefined : [...sequences].sort((a, b) => a - b);
}

/** SHA-256 over the sorted rows: serialNumber and notAfter of each, a line each. */
function rowsHash(rows: readonly ImportRow[]): string {
  const hash = createHash("sha256");
  for (const { serialNumber, notAfter } of rows)
    hash.update(`${serialNumber} ${notAfter ?? "-"}\n`);
  return hash.digest("hex");
}
