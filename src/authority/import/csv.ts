import { parseRfc3339, type UnixSeconds } from "../../der/time.ts";
import { printable } from "../../x509/printable.ts";
import { parseReason } from "../../x509/reason.ts";
import type { BadLine, ImportRow } from "../admin-import-types.ts";
import { csvRecords } from "./csv-records.ts";
import { isWrong, type Parsed, type Wrong } from "./parsed.ts";
import { type RegisterLine, registerRow, type TimeSyntax } from "./register-row.ts";

const COLUMNS = [
  "serialNumber",
  "notAfter",
  "status",
  "revocationDate",
  "reason",
  "invalidityDate",
  "notBefore",
] as const;

type Column = (typeof COLUMNS)[number];

const NEEDED: readonly Column[] = ["serialNumber", "status"];

const TIMES: TimeSyntax = { parse: parseRfc3339, shape: "RFC 3339, as 2026-07-01T12:00:00Z" };

const NO_HEADER: Wrong = { wrong: `no header: expected ${COLUMNS.join(",")}` };

/** Where each column stands, and how many fields a record has. */
interface Header {
  readonly width: number;
  readonly positions: ReadonlyMap<Column, number>;
}

/**
 * Reads a CSV file with a header (RFC 4180; UTF-8). Columns stand in any order and case, unknown
 * ones are ignored; serialNumber (hexadecimal) and status are needed. A header that cannot be used is
 * the one bad line of the file.
 */
export function readCsv(file: string, octets: Uint8Array, now: UnixSeconds): Parsed {
  const rows: ImportRow[] = [];
  const bad: BadLine[] = [];
  const records = csvRecords(octets);
  const { value: first } = records.next();
  const header = first ? readHeader(first.fields) : NO_HEADER;
  if (isWrong(header)) {
    bad.push({ file, line: first?.line ?? 1, message: header.wrong });
    return { claims: "status", rows, bad };
  }
  for (const { line, fields } of records) {
    const said = readRecord(fields, header);
    const row = isWrong(said) ? said : registerRow(said, { file, line, now, times: TIMES });
    if (isWrong(row)) bad.push({ file, line, message: row.wrong });
    else rows.push(row);
  }
  return { claims: "status", rows, bad };
}

function readHeader(fields: readonly string[] | Wrong): Header | Wrong {
  if (isWrong(fields)) return fields;
  const positions = new Map<Column, number>();
  for (const [position, name] of fields.entries()) {
    const column = columnNamed(name);
    if (!column) continue;
    if (positions.has(column)) return { wrong: `the header has the column ${column} twice` };
    positions.set(column, position);
  }
  const missing = NEEDED.filter((column) => !positions.has(column));
  if (missing.length > 0) return { wrong: missingColumns(missing, fields) };
  return { width: fields.length, positions };
}

function columnNamed(name: string): Column | undefined {
  const wanted = name.trim().toLowerCase();
  return COLUMNS.find((column) => column.toLowerCase() === wanted);
}

function missingColumns(missing: readonly Column[], found: readonly string[]): string {
  const line = found.join(",");
  const hint = /[;\t]/.test(line) ? "; separate columns with commas" : "";
  const noun = missing.length === 1 ? "column" : "columns";
  return `the header lacks the ${noun} ${missing.join(" and ")}: it is "${printable(line)}"${hint}`;
}

function readRecord(fields: readonly string[] | Wrong, header: Header): RegisterLine | Wrong {
  if (isWrong(fields)) return fields;
  if (fields.length !== header.width) {
    return { wrong: `${fields.length} fields where the header has ${header.width}` };
  }
  const field = (column: Column): string =>
    fields[header.positions.get(column) ?? -1]?.trim() ?? "";
  const status = parseStatus(field("status"));
  if (!status) {
    return { wrong: `status "${printable(field("status"), 40)}" is not good, revoked or hold` };
  }
  const reason = parseReason(field("reason"));
  if (!reason && field("reason") !== "") {
    return { wrong: `reason "${printable(field("reason"), 40)}" is none of RFC 5280's` };
  }
  return {
    serialNumber: field("serialNumber"),
    status,
    reason,
    notAfter: field("notAfter"),
    notBefore: field("notBefore"),
    revocationDate: field("revocationDate"),
    invalidityDate: field("invalidityDate"),
  };
}

function parseStatus(text: string): RegisterLine["status"] | undefined {
  const word = text.toLowerCase();
  return word === "good" || word === "revoked" || word === "hold" ? word : undefined;
}
