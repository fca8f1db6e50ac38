import type { UnixSeconds } from "../der/time.ts";
import { crlKey, scopeRange } from "./keys.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** A CRL that was made, as the store keeps it. */
export interface CRLRow {
  readonly scope: string;
  /** Decimal. */
  readonly crlNumber: string;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly entries: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Within the folder of published CRLs. */
  readonly file: string;
  /** Why it was not published, or null. */
  readonly refused: string | null;
}

/** How far back the last published one is looked for past refused ones. */
const LOOK_BACK = 100;

/** Writes a CRL's row as part of its publication. */
export function writeCRLRow(transaction: Transaction, issuer: number, row: CRLRow): void {
  transaction.put(
    "crls",
    crlKey(issuer, row.scope, BigInt(row.crlNumber)),
    Buffer.from(JSON.stringify(row)),
  );
}

/** The newest CRLs of an issuer and scope, newest first. */
export function readCRLRows(
  store: Pick<StoreReader, "rows">,
  issuer: number,
  scope: string,
  limit: number,
): CRLRow[] {
  return store
    .rows("crls", { ...scopeRange(issuer, scope), limit, reverse: true })
    .map(({ value }) => JSON.parse(value.toString("utf8")) as CRLRow);
}

/** The CRL that is published now, or nothing. */
export function publishedCRL(
  store: Pick<StoreReader, "rows">,
  issuer: number,
  scope: string,
): CRLRow | undefined {
  return readCRLRows(store, issuer, scope, LOOK_BACK).find(({ refused }) => refused === null);
}
