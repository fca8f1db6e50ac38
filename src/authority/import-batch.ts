import { createHash } from "node:crypto";
import { parseRfc3339, rfc3339, type UnixSeconds } from "../der/time.ts";
import { type CertRecord, decodeRecord, recordVersion, setRecordVersion } from "../ocsp/record.ts";
import { appendChange, appendJournal } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import type { Transaction } from "../store/store.ts";
import { CRLReason } from "../x509/reason.ts";
import { parseSerialNumber, type SerialNumber } from "../x509/serial-number.ts";
import type { BadLine, ImportBatch, ImportReport, ImportRow } from "./admin-types.ts";
import type { Draft, MadeRecord } from "./answer-maker.ts";
import { putStatusChange } from "./change-write.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { isUntouched, noteWritten, type RecordWrite } from "./record-write.ts";
import { revocationDateOf, timeOf } from "./revocation.ts";

/** A row that changes the store. */
interface Planned {
  readonly row: ImportRow;
  readonly draft: Draft;
  readonly key: Buffer;
  readonly before: Buffer | undefined;
}

/** What a row comes to. */
type Verdict = Planned | "unchanged" | { readonly bad: string };

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
    const verdict = judge(desk, issuer, row, at);
    if (verdict === "unchanged") unchanged++;
    else if ("bad" in verdict) bad.push({ file: row.file, line: row.line, message: verdict.bad });
    else planned.push(verdict);
  }
  const added = planned.filter(({ before }) => !before).length;
  const changed = planned.length - added;
  return { planned, report: { read: rows.length, added, unchanged, changed, bad } };
}

function judge(desk: Desk, issuer: Issuer, row: ImportRow, at: UnixSeconds): Verdict {
  const serialNumber = parseSerialNumber(row.serialNumber);
  if (!serialNumber) return { bad: `"${row.serialNumber}" is no serial number` };
  const fault = rowFault(row, at);
  if (fault) return { bad: fault };
  const key = recordKey(issuer.number, serialNumber);
  const before = desk.store.get("records", key);
  const known = before && decodeRecord(before);
  if (known && known.status !== "good" && row.status !== "revoked") return judgeKept(row, known);
  if (known?.status === "revoked") return "unchanged";
  if (row.status === "hold" && !issuer.config.hold) return { bad: holdIsOff(issuer) };
  const draft = importDraft(row, serialNumber, known, at);
  if (known && row.status === "good" && known.notAfter === draft.status.notAfter) {
    return "unchanged";
  }
  return { row, draft, key, before };
}

function holdIsOff({ name }: Issuer): string {
  return `suspension (certificateHold) is switched off for ${name}: set hold: true, or import it as revoked`;
}

function rowFault(row: ImportRow, at: UnixSeconds): string | undefined {
  const times = { revocationDate: row.revocationDate, invalidityDate: row.invalidityDate };
  for (const [name, text] of Object.entries(times)) {
    if (text !== null && (parseRfc3339(text) ?? Infinity) > at) return `${name} ${text} lies ahead`;
  }
  return row.status !== "good" && row.revocationDate === null
    ? "a revoked certificate needs its revocationDate"
    : undefined;
}

/**
 * What no import undoes: a revocation never is (RFC 5280 5.3.1), and a hold is for an officer to end, since
 * the CA's register need not know of it. A certificate says only that it was issued, and contradicts neither.
 */
function judgeKept(row: ImportRow, known: CertRecord): Verdict {
  if (row.claims === "issuance" || row.status === known.status) return "unchanged";
  const since = rfc3339(known.revocationDate);
  if (known.status === "revoked") {
    return { bad: `it is revoked since ${since}, and a revocation is never undone` };
  }
  return { bad: `it is on hold since ${since}: only vouch release ends a hold` };
}

function importDraft(
  row: ImportRow,
  serialNumber: SerialNumber,
  known: CertRecord | undefined,
  at: UnixSeconds,
): Draft {
  const date = timeOf(row.revocationDate) ?? 0;
  const revocationDate = known ? revocationDateOf(known, date, at) : date;
  const good = row.status === "good";
  return {
    serialNumber,
    status: {
      status: row.status,
      reason: good ? CRLReason.unspecified : CRLReason[row.reason ?? "unspecified"],
      revocationDate,
      invalidityDate: good ? undefined : timeOf(row.invalidityDate),
      notAfter: timeOf(row.notAfter) ?? known?.notAfter,
      version: 0,
    },
    // Of a certificate that was known as good the revocation is news now, whatever its date.
    changedAt: good ? undefined : known ? at : revocationDate,
    lastThisUpdate: known?.thisUpdate ?? 0,
  };
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
    putGood(transaction, issuer, batch, untouched, at);
    for (const write of untouched.filter(({ row }) => row.status !== "good")) {
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

/** The good ones of a batch: one event, whose sequence is the version of each. */
function putGood(
  transaction: Transaction,
  issuer: Issuer,
  batch: ImportBatch,
  writes: readonly Write[],
  at: UnixSeconds,
): void {
  const good = writes.filter(({ row }) => row.status === "good");
  const [first] = good;
  const last = good.at(-1);
  if (!first || !last) return;
  const sequence = appendJournal(transaction, {
    action: "import",
    by: batch.by,
    at: rfc3339(at),
    issuer: issuer.name,
    rows: good.length,
    rowsHash: rowsHash(good.map(({ row }) => row)),
    previousOnes: previousOnes(good),
  });
  for (const { key, after } of good) {
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
