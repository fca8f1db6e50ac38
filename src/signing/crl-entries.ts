import type { RevokedEntry } from "../crl/entry.ts";
import { revokedDate, revokedInvalidity, revokedReason } from "../crl/revocation.ts";
import { compareSerialNumbers } from "../crl/serial-order.ts";
import type { UnixSeconds } from "../der/time.ts";
import type { ReasonCode } from "../x509/reason.ts";
import { type SerialNumber, serialNumberFromDer } from "../x509/serial-number.ts";
import type { CRLJob } from "./jobs.ts";
import { PairCursor } from "./packing.ts";

/**
 * What a CRL lists: the rows, but for those that a change stands in place of; in key order. Each is to be used
 * before the next is asked for: few objects stand for all of a million entries.
 */
export function* listedEntries({
  rows,
  changes,
}: Pick<CRLJob, "rows" | "changes">): Generator<RevokedEntry> {
  const row = new RowReader(rows);
  const change = new RowReader(changes);
  change.next();
  while (row.next()) {
    if (change.compareTo(row) < 0) yield* changesBefore(change, row);
    if (change.compareTo(row) > 0) yield row;
  }
  yield* changesBefore(change, row);
}

function* changesBefore(change: RowReader, row: RowReader): Generator<RevokedEntry> {
  for (; change.compareTo(row) < 0; change.next()) if (change.isListed) yield change;
}

/** Reads pairs of a serialNumber and a row of `revoked`. It is itself the entry, and changes with each `next`. */
class RowReader implements RevokedEntry {
  serialNumber: SerialNumber = serialNumberFromDer(new Uint8Array(0));
  revocationDate: UnixSeconds = 0;
  reason: ReasonCode = 0;
  invalidityDate: UnixSeconds | undefined = undefined;
  /** Not where the value is empty: the certificate is no longer revoked. */
  isListed = false;
  #isAtEnd = false;
  readonly #pairs: PairCursor;

  constructor(chunks: readonly Uint8Array[]) {
    this.#pairs = new PairCursor(chunks);
  }

  next(): boolean {
    const pairs = this.#pairs;
    if (!pairs.next()) {
      this.#isAtEnd = true;
      return false;
    }
    const { octets, keyStart, valueStart, valueEnd } = pairs;
    this.serialNumber = serialNumberFromDer(octets.subarray(keyStart, valueStart));
    this.isListed = valueEnd > valueStart;
    if (!this.isListed) return true;
    this.reason = revokedReason(octets, valueStart);
    this.revocationDate = revokedDate(octets, valueStart);
    this.invalidityDate = revokedInvalidity(octets, valueStart);
    return true;
  }

  /** As `compareSerialNumbers`; after the last is the end. */
  compareTo(other: RowReader): number {
    if (this.#isAtEnd) return 1;
    if (other.#isAtEnd) return -1;
    return compareSerialNumbers(this.serialNumber, other.serialNumber);
  }
}
