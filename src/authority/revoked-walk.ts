import { setImmediate } from "node:timers/promises";
import { changedSerialNumber } from "../store/journal.ts";
import {
  changeKey,
  issuerRange,
  keyAfter,
  recordKey,
  sequenceOfChange,
  serialNumberOfKey,
} from "../store/keys.ts";
import { readSetting } from "../store/settings.ts";
import type { StoreReader } from "../store/store.ts";
import type { SerialNumber } from "../x509/serial-number.ts";

/** Each step is a few milliseconds, after which others have their turn and the snapshot is let go. */
const WALK_ROWS = 2_000;
const WALK_CHANGES = 1_000;

/** A certificate whose status has changed. */
export interface ChangedCertificate {
  readonly serialNumber: SerialNumber;
  /** The journal sequence of its last change. */
  readonly sequence: number;
  /** Its row of `revoked`; nothing where it is not revoked, or no longer. */
  readonly row: Buffer | undefined;
}

/** The last journal sequence that the store has. */
export function lastSequence(store: Pick<StoreReader, "get">): number {
  return readSetting<number>(store, "sequence") ?? 0;
}

/**
 * Hands over all that is revoked, in key order. What changes meanwhile is seen as it was or as it is:
 * `changedSince` the sequence before the walk puts that right.
 */
export async function walkRevoked(
  store: Pick<StoreReader, "rows" | "refresh">,
  issuer: number,
  each: (serialNumber: SerialNumber, row: Buffer, key: Buffer) => void,
): Promise<void> {
  const { start: first, end } = issuerRange(issuer);
  for (let start: Buffer | undefined = first; start; ) {
    store.refresh();
    const rows = store.rows("revoked", { start, end, limit: WALK_ROWS });
    for (const { key, value } of rows) each(serialNumberOfKey(key), value, key);
    const last = rows.at(-1);
    start = last && rows.length === WALK_ROWS ? keyAfter(last.key) : undefined;
    await setImmediate();
  }
}

/**
 * The certificates whose status changed after `since`, each as it is at `sequence`, by serial number. A
 * change that comes between two steps is met by a later one; the last step sees everything at once, and what
 * reads the store as soon as this resolves still sees the same.
 */
export async function changedSince(
  store: Pick<StoreReader, "get" | "rows" | "refresh">,
  issuer: number,
  since: number,
): Promise<{ sequence: number; changed: ChangedCertificate[] }> {
  const changed = new Map<string, ChangedCertificate>();
  const { end } = issuerRange(issuer);
  for (let next = since + 1; ; ) {
    store.refresh();
    const range = { start: changeKey(issuer, next), end, limit: WALK_CHANGES };
    const rows = store.rows("changes", range);
    for (const { key, value } of rows) {
      const serialNumber = changedSerialNumber(value);
      if (!serialNumber) continue;
      const row = store.get("revoked", recordKey(issuer, serialNumber));
      const name = Buffer.from(serialNumber).toString("hex");
      changed.set(name, { serialNumber, sequence: sequenceOfChange(key), row });
    }
    const last = rows.at(-1);
    if (!last || rows.length < WALK_CHANGES) {
      return { sequence: lastSequence(store), changed: sorted(changed) };
    }
    next = sequenceOfChange(last.key) + 1;
    await setImmediate();
  }
}

/** Hexadecimal sorts as the octets do. */
function sorted(changed: ReadonlyMap<string, ChangedCertificate>): ChangedCertificate[] {
  const names = [...changed.keys()].sort();
  return names.map((name) => changed.get(name) as ChangedCertificate);
}
