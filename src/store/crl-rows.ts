import type { CRLScope } from "../crl/scope.ts";
import type { UnixSeconds } from "../der/time.ts";
import { crlKey, scopeRange } from "./keys.ts";
import type { Row, StoreReader, Transaction } from "./store.ts";

/** A CRL that was made, as the store keeps it. */
export interface CRLRow {
  readonly scope: CRLScope;
  /** Decimal. */
  readonly crlNumber: string;
  /** Of a delta CRL: the number of the full CRL that it is the difference to; null of others. */
  readonly baseCRLNumber: string | null;
  /** The journal sequence whose state it lists; null where that is not known. */
  readonly sequence: number | null;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly entries: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Within the folder of published CRLs. */
  readonly file: string;
  /** The same compressed, beside it under its name and `.gz`; nothing where there is no such file. */
  readonly gzip?: { readonly bytes: number; readonly sha256: string };
  /** Serial numbers, in hexadecimal, that this full CRL left out as expired while on hold: deltas say removeFromCRL. */
  readonly endedHolds: readonly string[];
  /** Whether it lists what has expired; not known of one that was not made from this store. */
  readonly keepsExpired?: boolean;
  /** Why it was not published, or null. */
  readonly refused: string | null;
}

/** Rows that are read in one step on the way back past refused ones. */
const STEP_ROWS = 100;

/** Writes a CRL's row as part of its publication. */
export function writeCRLRow(transaction: Transaction, issuer: number, row: CRLRow): void {
  transaction.put(
    "crls",
    crlKey(issuer, row.scope, BigInt(row.crlNumber)),
    Buffer.from(JSON.stringify(row)),
  );
}

/** Removes rows as part of a change; their files are left. */
export function removeCRLRows(
  transaction: Transaction,
  issuer: number,
  rows: readonly CRLRow[],
): void {
  for (const { scope, crlNumber } of rows) {
    transaction.remove("crls", crlKey(issuer, scope, BigInt(crlNumber)));
  }
}

/** The newest CRLs of an issuer and scope, newest first. */
export function readCRLRows(
  store: Pick<StoreReader, "rows">,
  issuer: number,
  scope: CRLScope,
  limit: number,
): CRLRow[] {
  return store.rows("crls", { ...scopeRange(issuer, scope), limit, reverse: true }).map(readRow);
}

/** The CRL of this number, also one that was refused; nothing where there is none. */
export function readCRLRow(
  store: Pick<StoreReader, "get">,
  issuer: number,
  scope: CRLScope,
  crlNumber: bigint,
): CRLRow | undefined {
  const value = store.get("crls", crlKey(issuer, scope, crlNumber));
  return value && decodeRow(value);
}

/** The CRL that is published now, however many were refused since, or nothing. */
export function publishedCRL(
  store: Pick<StoreReader, "rows">,
  issuer: number,
  scope: CRLScope,
): CRLRow | undefined {
  const { start, ...range } = scopeRange(issuer, scope);
  for (let end: Buffer | undefined = range.end; end; ) {
    const rows = store.rows("crls", { start, end, limit: STEP_ROWS, reverse: true });
    const published = rows.map(readRow).find(({ refused }) => refused === null);
    if (published) return published;
    end = rows.length === STEP_ROWS ? rows.at(-1)?.key : undefined;
  }
  return undefined;
}

/** The newest CRLs of a scope that were refused after the one that is published; STEP_ROWS at most. */
export function refusedSince(
  store: Pick<StoreReader, "rows">,
  issuer: number,
  scope: CRLScope,
): CRLRow[] {
  const rows = readCRLRows(store, issuer, scope, STEP_ROWS);
  const published = rows.findIndex(({ refused }) => refused === null);
  return published < 0 ? rows : rows.slice(0, published);
}

/** What rows of earlier versions do not have. */
const BEFORE_KINDS = { baseCRLNumber: null, sequence: null, endedHolds: [] } as const;

function readRow({ value }: Row): CRLRow {
  return decodeRow(value);
}

function decodeRow(value: Buffer): CRLRow {
  return { ...BEFORE_KINDS, ...(JSON.parse(value.toString("utf8")) as CRLRow) };
}
