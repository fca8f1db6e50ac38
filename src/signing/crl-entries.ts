import type { RevokedEntry } from "../crl/entry.ts";
import { decodeRevocation } from "../crl/revocation.ts";
import { compareSerialNumbers } from "../crl/serial-order.ts";
import { serialNumberFromDer } from "../x509/serial-number.ts";
import type { CRLJob } from "./jobs.ts";
import { type UnpackedPair, unpackChunks } from "./packing.ts";

/** What a CRL lists: the rows, but for those that a change stands in place of; in key order. */
export function* listedEntries({
  rows,
  changes,
}: Pick<CRLJob, "rows" | "changes">): Generator<RevokedEntry> {
  const changed = unpackChunks(changes);
  let change = changed.next();
  for (const row of unpackChunks(rows)) {
    while (!change.done && compare(change.value, row) < 0) {
      yield* entryOf(change.value);
      change = changed.next();
    }
    if (change.done || compare(change.value, row) !== 0) yield entryOfRow(row);
  }
  for (; !change.done; change = changed.next()) yield* entryOf(change.value);
}

function compare(a: UnpackedPair, b: UnpackedPair): number {
  return compareSerialNumbers(serialNumberFromDer(a.key), serialNumberFromDer(b.key));
}

/** Nothing where the certificate is no longer revoked. */
function entryOf(pair: UnpackedPair): RevokedEntry[] {
  return pair.value.length === 0 ? [] : [entryOfRow(pair)];
}

function entryOfRow({ key, value }: UnpackedPair): RevokedEntry {
  return { serialNumber: serialNumberFromDer(key), ...decodeRevocation(value) };
}
