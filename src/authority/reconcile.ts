import { setImmediate as nextTurn } from "node:timers/promises";
import { compareSerialNumbers } from "../crl/serial-order.ts";
import { rfc3339 } from "../der/time.ts";
import { type RecordStatus, recordStatus } from "../ocsp/record.ts";
import { issuerRange, keyAfter, recordKey, serialNumberOfKey } from "../store/keys.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import type { Row, StoreReader } from "../store/store.ts";
import { parseSerialNumber, type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { ReconcileBatch, Reconciled, ReconcilePart } from "./admin-import-types.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

const STEP_ROWS = 2_000;
/** So many of each kind are named; the others are counted. */
const MOST_NAMED = 1_000;

/** Compares a part of the CA's list with the records between the same two serial numbers; changes nothing. */
export async function reconcilePart(
  desk: Pick<Desk, "store">,
  issuer: Issuer,
  batch: ReconcileBatch,
): Promise<ReconcilePart> {
  const comparison = new Comparison(batch);
  for (const rows of steps(desk.store, issuer.number, batch)) {
    for (const row of rows) comparison.add(row);
    await nextTurn();
  }
  return comparison.end();
}

type ListedRow = ReconcileBatch["rows"][number];

/** Walks over the list's rows beside the records, both ascending. */
class Comparison {
  readonly #rows: readonly ListedRow[];
  #next = 0;
  #records = 0;
  readonly #missingHere = new Named();
  readonly #missingThere = new Named();
  readonly #differing: ReconcilePart["differing"]["named"][number][] = [];
  #differences = 0;

  constructor({ rows }: ReconcileBatch) {
    this.#rows = rows;
  }

  add({ key, value }: Row): void {
    this.#records++;
    const serialNumber = serialNumberOfKey(key);
    while (this.#order(serialNumber) < 0) this.#takeMissing();
    if (this.#order(serialNumber) > 0) this.#missingThere.add(serialNumberText(serialNumber));
    else this.#compare(this.#rows[this.#next++] as ListedRow, recordStatus(value));
  }

  end(): ReconcilePart {
    while (this.#next < this.#rows.length) this.#takeMissing();
    return {
      records: this.#records,
      missingHere: this.#missingHere.list(),
      missingThere: this.#missingThere.list(),
      differing: { count: this.#differences, named: this.#differing },
    };
  }

  /** Below 0 where the list's next row comes before this record; above it also where there is none. */
  #order(serialNumber: SerialNumber): number {
    const row = this.#rows[this.#next];
    return row ? compareSerialNumbers(serialOf(row), serialNumber) : 1;
  }

  #takeMissing(): void {
    this.#missingHere.add((this.#rows[this.#next++] as ListedRow).serialNumber);
  }

  #compare({ serialNumber, status }: ListedRow, here: RecordStatus): void {
    if (status === null || status === here) return;
    this.#differences++;
    if (this.#differing.length < MOST_NAMED)
      this.#differing.push({ serialNumber, here, there: status });
  }
}

/** Serial numbers: all are counted, the first are named. */
class Named {
  #count = 0;
  readonly #named: string[] = [];

  add(serialNumber: string): void {
    this.#count++;
    if (this.#named.length < MOST_NAMED) this.#named.push(serialNumber);
  }

  list(): { readonly count: number; readonly named: readonly string[] } {
    return { count: this.#count, named: this.#named };
  }
}

function serialOf({ serialNumber }: ListedRow): SerialNumber {
  return parseSerialNumber(serialNumber) as SerialNumber;
}

/** The records after `after` up to and with `until`, in steps. */
function* steps(
  store: Pick<StoreReader, "rows" | "refresh">,
  issuer: number,
  { after, until }: ReconcileBatch,
): Generator<Row[]> {
  const range = issuerRange(issuer);
  const keyBeyond = (text: string): Buffer =>
    keyAfter(recordKey(issuer, serialOf({ serialNumber: text, status: null })));
  const end = until === null ? range.end : keyBeyond(until);
  for (let start = after === null ? range.start : keyBeyond(after); ; ) {
    store.refresh();
    const rows = store.rows("records", { start, end, limit: STEP_ROWS });
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < STEP_ROWS) return;
    start = keyAfter(last.key);
  }
}

/** What the last comparison came to, and when; for the metrics. */
export interface LastReconciled extends Reconciled {
  readonly at: string;
}

/** Keeps what a comparison came to. */
export function keepReconciled(desk: Desk, issuer: Issuer, reconciled: Reconciled): Promise<void> {
  const last: LastReconciled = { ...reconciled, at: rfc3339(desk.clock()) };
  return desk.store.transact((transaction) => writeSetting(transaction, nameOf(issuer), last));
}

/** What the last comparison of an issuer came to, or nothing before the first. */
export function lastReconciled(
  store: Pick<StoreReader, "get">,
  issuer: Issuer,
): LastReconciled | undefined {
  return readSetting<LastReconciled>(store, nameOf(issuer));
}

function nameOf({ number }: Issuer): string {
  return `reconciled ${number}`;
}
