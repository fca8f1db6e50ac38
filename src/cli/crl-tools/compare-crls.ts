import type { EntryTable, TableEntry } from "../../crl/entry-table.ts";
import { rfc3339 } from "../../der/time.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import type { Field } from "../explain/explanation.ts";
import { reasonText } from "../explain/extension-values.ts";
import { type CRLSummary, entriesOf, type GivenCRL, summaryOf } from "./read-crl.ts";

/** What a CRL says of one certificate; a date that cannot be read is null, as what is absent. */
export interface ShownEntry {
  readonly serialNumber: string;
  readonly reason: string;
  readonly revocationDate: string | null;
  readonly invalidityDate: string | null;
}

/** A certificate that both list, and not alike. */
export interface ChangedEntry {
  readonly serialNumber: string;
  readonly before: Omit<ShownEntry, "serialNumber">;
  readonly after: Omit<ShownEntry, "serialNumber">;
}

/** A field besides entries that differs. */
export interface ChangedField {
  readonly field: string;
  readonly before: Field;
  readonly after: Field;
}

/** How a CRL became another. */
export interface CRLComparison {
  readonly before: CRLSummary & { readonly entries: number };
  readonly after: CRLSummary & { readonly entries: number };
  readonly fields: readonly ChangedField[];
  readonly unchanged: number;
  readonly added: readonly ShownEntry[];
  readonly removed: readonly ShownEntry[];
  readonly changed: readonly ChangedEntry[];
}

/** Compares two CRLs, of whatever order: a million entries each in some seconds. */
export function compareCRLs(a: GivenCRL, b: GivenCRL): CRLComparison {
  const [before, after] = [entriesOf(a), entriesOf(b)];
  return {
    before: { ...summaryOf(a), entries: before.count },
    after: { ...summaryOf(b), entries: after.count },
    fields: changedFields(a, b),
    ...compareEntries(before, after),
  };
}

const SUMMARY_FIELDS = [
  "kind",
  "issuer",
  "signatureAlgorithm",
  "thisUpdate",
  "nextUpdate",
  "bytes",
] as const;

function changedFields(a: GivenCRL, b: GivenCRL): ChangedField[] {
  const [before, after] = [summaryOf(a), summaryOf(b)];
  const names = new Set([...a.extensions.keys(), ...b.extensions.keys()]);
  const fields: ChangedField[] = [
    { field: "version", before: a.crl.version, after: b.crl.version },
    ...SUMMARY_FIELDS.map((field) => ({ field, before: before[field], after: after[field] })),
    ...[...names].map((field) => ({
      field,
      before: a.extensions.get(field) ?? null,
      after: b.extensions.get(field) ?? null,
    })),
  ];
  return fields.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

type EntryComparison = Pick<CRLComparison, "unchanged" | "added" | "removed" | "changed">;

function compareEntries(before: EntryTable, after: EntryTable): EntryComparison {
  const added: ShownEntry[] = [];
  const removed: ShownEntry[] = [];
  const changed: ChangedEntry[] = [];
  let unchanged = 0;
  for (const [order, i, j] of sideBySide(before, after)) {
    if (order < 0) removed.push(shownEntry(before.at(i)));
    else if (order > 0) added.push(shownEntry(after.at(j)));
    else if (before.saysTheSame(i, after, j)) unchanged++;
    else changed.push(changedEntry(before.at(i), after.at(j)));
  }
  return { unchanged, added, removed, changed };
}

/** Places in both, in the order of serial numbers; below 0 what is before only, above 0 what is after only. */
function* sideBySide(before: EntryTable, after: EntryTable): Generator<[number, number, number]> {
  let [i, j] = [0, 0];
  while (i < before.count || j < after.count) {
    const order = orderAt(before, i, after, j);
    yield [order, i, j];
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

function orderAt(before: EntryTable, i: number, after: EntryTable, j: number): number {
  if (i === before.count) return 1;
  return j === after.count ? -1 : before.compareSerialNumbers(i, after, j);
}

function changedEntry(before: TableEntry, after: TableEntry): ChangedEntry {
  const { serialNumber, ...said } = shownEntry(before);
  const { serialNumber: _, ...says } = shownEntry(after);
  return { serialNumber, before: said, after: says };
}

function shownEntry(entry: TableEntry): ShownEntry {
  const { serialNumber, reason, revocationDate, invalidityDate } = entry;
  return {
    serialNumber: serialNumberText(serialNumber),
    reason: reasonText(reason),
    revocationDate: revocationDate === undefined ? null : rfc3339(revocationDate),
    invalidityDate: invalidityDate === undefined ? null : rfc3339(invalidityDate),
  };
}
