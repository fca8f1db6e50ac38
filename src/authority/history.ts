import { recordVersion } from "../ocsp/record.ts";
import { readForgotten } from "../store/forgotten.ts";
import { type JournalEntry, readChange, readJournal } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { HistoryEntry } from "./admin-types.ts";
import type { Issuer } from "./issuer.ts";

type Reader = Pick<StoreReader, "get">;

/** What happened to a certificate, oldest first; empty where it was never imported. */
export function certificateHistory(
  store: StoreReader,
  issuer: Issuer,
  serialNumber: SerialNumber,
): HistoryEntry[] {
  store.refresh();
  return certificateEvents(store, issuer, serialNumber).map((entry) => ({
    sequence: entry.sequence,
    at: entry.at,
    by: entry.by,
    action: entry.action,
    reason: entry.reason ?? null,
    request: entry.request ?? null,
    agency: entry.agency ?? null,
  }));
}

/**
 * The journal's entries on one certificate, oldest first: from the one that its record names, each names the
 * one before it; and likewise from those with which earlier records of it were removed.
 */
export function certificateEvents(
  store: Reader,
  issuer: Issuer,
  serialNumber: SerialNumber,
): JournalEntry[] {
  const record = store.get("records", recordKey(issuer.number, serialNumber));
  const ends = [...readForgotten(store, issuer.number, serialNumber)];
  if (record) ends.push(recordVersion(record));
  return ends.flatMap((end) => eventsUpTo(store, issuer, serialNumber, end));
}

function eventsUpTo(
  store: Reader,
  issuer: Issuer,
  serialNumber: SerialNumber,
  end: number,
): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let sequence: number | undefined = end; sequence !== undefined; ) {
    const entry = readJournal(store, sequence);
    if (!entry) break;
    entries.unshift(entry);
    sequence = entry.previous ?? previousOfBatch(store, issuer, serialNumber, entry);
  }
  return entries;
}

/**
 * Which of the events before an import batch was this certificate's: its own, or the one batch whose range it
 * lies in. Where several batches could have been, nobody can say, and the history begins here.
 */
function previousOfBatch(
  store: Reader,
  issuer: Issuer,
  serialNumber: SerialNumber,
  { previousOnes = [] }: JournalEntry,
): number | undefined {
  const text = serialNumberText(serialNumber);
  const batches: number[] = [];
  for (const sequence of previousOnes) {
    const named = readJournal(store, sequence)?.serialNumber;
    if (named === text) return sequence;
    if (named === undefined && isInRange(store, issuer, serialNumber, sequence)) {
      batches.push(sequence);
    }
  }
  return batches.length === 1 ? batches[0] : undefined;
}

function isInRange(
  store: Reader,
  issuer: Issuer,
  serialNumber: SerialNumber,
  sequence: number,
): boolean {
  const [first, last = first] = readChange(store, issuer.number, sequence);
  if (!first || !last) return false;
  return Buffer.compare(first, serialNumber) <= 0 && Buffer.compare(serialNumber, last) <= 0;
}
