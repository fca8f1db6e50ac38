import { setImmediate as nextTurn } from "node:timers/promises";
import { PackedCursor, unpackEntries } from "../../crl/packed-entries.ts";
import { decodeRevocation } from "../../crl/revocation.ts";
import { issuerRange, keyAfter, recordKey, serialNumberOfKey } from "../../store/keys.ts";
import type { Row, StoreReader } from "../../store/store.ts";
import { CRLReason } from "../../x509/reason.ts";
import type { SerialNumber } from "../../x509/serial-number.ts";

/** Where a CRL and what is known as revoked differ about a certificate; the octets are those of rows of `revoked`. */
export interface CRLDifference {
  readonly serialNumber: SerialNumber;
  /** As the CRL lists it; nothing of one that it no longer lists, or lists as removeFromCRL. */
  readonly listed: Buffer | undefined;
  /** As it is known. */
  readonly known: Buffer | undefined;
}

type Store = Pick<StoreReader, "rows" | "get" | "refresh">;

const STEP_ROWS = 2_000;
const BATCH = 1_000;
/** In a key of `revoked`. */
const SERIAL_NUMBER_AT = 2;

/** All that differs between a full CRL and the rows of `revoked`, in key order, in batches. */
export function fullDifferences(
  store: Store,
  issuer: number,
  packed: Uint8Array,
): AsyncGenerator<CRLDifference[]> {
  return inBatches(merged(store, issuer, packed));
}

/** What a delta CRL changes: it is looked up entry by entry, whatever else is revoked. */
export function deltaDifferences(
  store: Store,
  issuer: number,
  packed: Uint8Array,
): AsyncGenerator<CRLDifference[]> {
  return inBatches(lookedUp(store, issuer, packed));
}

/** A difference, or a place where other work may have its turn. */
type Step = CRLDifference | "step";

/** In batches, letting other work in between; what stands still unread is as it was when it is read. */
async function* inBatches(steps: Generator<Step>): AsyncGenerator<CRLDifference[]> {
  let batch: CRLDifference[] = [];
  for (const step of steps) {
    if (step === "step") await nextTurn();
    else batch.push(step);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function* merged(store: Store, issuer: number, packed: Uint8Array): Generator<Step> {
  const entries = new PackedCursor(packed);
  entries.next();
  for (const row of revokedRows(store, issuer)) {
    if (row === "step") {
      yield row;
      continue;
    }
    if (entries.compareTo(row.key, SERIAL_NUMBER_AT) < 0) yield* listedBefore(entries, row.key);
    const difference = differenceAt(entries, row);
    if (difference) yield difference;
  }
  yield* listedBefore(entries, undefined);
}

/** Entries that come before the certificate of a key, or all that are left: nobody knew of them as revoked. */
function* listedBefore(entries: PackedCursor, end: Buffer | undefined): Generator<Step> {
  for (let steps = 1; !entries.atEnd; steps++) {
    if (end && entries.compareTo(end, SERIAL_NUMBER_AT) >= 0) return;
    const { serialNumber, value } = entries.entry;
    yield { serialNumber, listed: value, known: undefined };
    if (steps % STEP_ROWS === 0) yield "step";
    entries.next();
  }
}

function differenceAt(entries: PackedCursor, row: Row): CRLDifference | undefined {
  if (entries.compareTo(row.key, SERIAL_NUMBER_AT) !== 0) {
    return { serialNumber: serialNumberOfKey(row.key), listed: undefined, known: row.value };
  }
  const changed = entries.hasValue(row.value) ? undefined : entries.entry;
  entries.next();
  if (!changed) return undefined;
  return { serialNumber: changed.serialNumber, listed: changed.value, known: row.value };
}

/** The rows of `revoked` in key order, in steps of a snapshot each. */
function* revokedRows(store: Store, issuer: number): Generator<Row | "step"> {
  const range = issuerRange(issuer);
  for (let start: Buffer | undefined = range.start; start; ) {
    store.refresh();
    const rows = store.rows("revoked", { start, end: range.end, limit: STEP_ROWS });
    yield* rows;
    const last: Row | undefined = rows.at(-1);
    start = last && rows.length === STEP_ROWS ? keyAfter(last.key) : undefined;
    yield "step";
  }
}

function* lookedUp(store: Store, issuer: number, packed: Uint8Array): Generator<Step> {
  let steps = 0;
  for (const { serialNumber, value } of unpackEntries(packed)) {
    if (steps++ % STEP_ROWS === 0) {
      store.refresh();
      yield "step";
    }
    const known = store.get("revoked", recordKey(issuer, serialNumber));
    const isRemoval = decodeRevocation(value).reason === CRLReason.removeFromCRL;
    if (isRemoval && known) yield { serialNumber, listed: undefined, known };
    else if (!isRemoval && !known?.equals(value)) yield { serialNumber, listed: value, known };
  }
}
