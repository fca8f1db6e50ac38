import type { BadLine, ImportRow } from "../admin-import-types.ts";
import type { Parsed } from "./parsed.ts";

/** All that an import says, each serial number once, in the order of the store. */
export interface SortedImport {
  readonly rows: readonly ImportRow[];
  readonly bad: readonly BadLine[];
}

interface Entry {
  /** The first 28 bits of the key: tells most serial numbers apart without comparing strings. */
  readonly prefix: number;
  /** Orders as the serial number's octets do. */
  readonly key: string;
  readonly row: ImportRow;
  readonly claims: Parsed["claims"];
}

/** Higher wins where lines contradict each other: nothing revoked is lost. */
const WEIGHT: Readonly<Record<ImportRow["status"], number>> = { good: 0, hold: 1, revoked: 2 };

/**
 * Puts the rows of all files of an import in the order of their serial numbers' octets. Rows that
 * say the same become one, and a certificate beside a register's line gives way to it, and fills in what that
 * is silent about. Of rows that
 * contradict each other the revoked one stays, else the one that is read first; each other one
 * is bad, and its message names the line that was kept.
 */
export function sortImport(files: readonly Parsed[]): SortedImport {
  const entries = files.flatMap(({ rows, claims }) => rows.map((row) => entryOf(row, claims)));
  entries.sort(byKey);
  const rows: ImportRow[] = [];
  const bad = files.flatMap((file) => file.bad);
  let kept: Entry | undefined;
  for (const entry of entries) {
    if (kept && kept.key !== entry.key) rows.push(kept.row);
    kept = kept?.key === entry.key ? strongerOf(kept, entry, bad) : entry;
  }
  if (kept) rows.push(kept.row);
  return { rows, bad };
}

/** Serial numbers in the order of the store, each once. */
export function inStoreOrder(serialNumbers: readonly string[]): string[] {
  const keys = new Map(serialNumbers.map((serialNumber) => [orderOf(serialNumber), serialNumber]));
  return [...keys].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, serialNumber]) => serialNumber);
}

function entryOf(row: ImportRow, claims: Parsed["claims"]): Entry {
  const key = orderOf(row.serialNumber);
  return { prefix: Number.parseInt(key.slice(0, 7).padEnd(7, "0"), 16), key, row, claims };
}

/** Hexadecimal of the octets: even, with the leading 00 where the high bit is set. */
function orderOf(serialNumber: string): string {
  if (serialNumber.length % 2 === 1) return `0${serialNumber}`;
  return serialNumber < "8" ? serialNumber : `00${serialNumber}`;
}

function byKey(a: Entry, b: Entry): number {
  if (a.prefix !== b.prefix) return a.prefix - b.prefix;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** The one of two rows for a serial number that stays; `earlier` was read first. */
function strongerOf(earlier: Entry, later: Entry, bad: BadLine[]): Entry {
  const winner = weightOf(later) > weightOf(earlier) ? later : earlier;
  const loser = winner === later ? earlier : later;
  const field = contradiction(winner, loser);
  if (field) bad.push(contradicted(loser.row, winner.row, field));
  if (field) return winner;
  const notAfter = winner.row.notAfter ?? loser.row.notAfter;
  const notBefore = winner.row.notBefore ?? loser.row.notBefore;
  return { ...winner, row: { ...winner.row, notAfter, notBefore } };
}

function weightOf({ row, claims }: Entry): number {
  return WEIGHT[row.status] + (claims === "status" ? 0.5 : 0);
}

const STATUS_FIELDS = ["status", "reason", "revocationDate", "invalidityDate"] as const;

type Field = (typeof STATUS_FIELDS)[number] | "notAfter";

/** The first field that the two disagree about; silence about notAfter disagrees with nothing. */
function contradiction({ row: kept }: Entry, { row: lost, claims }: Entry): Field | undefined {
  const differs = (field: Field): boolean => kept[field] !== lost[field];
  const ofStatus = claims === "status" ? STATUS_FIELDS.find(differs) : undefined;
  const isSilent = kept.notAfter === null || lost.notAfter === null;
  return ofStatus ?? (!isSilent && differs("notAfter") ? "notAfter" : undefined);
}

function contradicted(lost: ImportRow, kept: ImportRow, field: Field): BadLine {
  const saying = `its ${field} is ${lost[field] ?? "absent"} here and ${kept[field] ?? "absent"} in`;
  const message = `serialNumber ${lost.serialNumber} stands twice: ${saying} ${kept.file}:${kept.line}, which was kept`;
  return { file: lost.file, line: lost.line, message };
}
