import { serialNumberFromDer } from "../x509/serial-number.ts";
import type { EntryOctets, Removal } from "./entry-octets.ts";
import { unpackEntries } from "./packed-entries.ts";
import { revokedReason } from "./revocation.ts";

/** How a CRL differs from the one before it. */
export interface CRLComparison {
  readonly added: number;
  readonly removed: readonly Removal[];
}

/** Compares a CRL with the previous one of its scope. Both must ascend by serial number, or a `DerError`. */
export function compareCRLs(previous: EntryOctets, now: EntryOctets): CRLComparison {
  const removed: Removal[] = [];
  let added = 0;
  now.next();
  while (previous.next()) {
    for (; now.compareTo(previous) < 0; now.next()) added++;
    if (now.compareTo(previous) === 0) now.next();
    else removed.push(previous.removal());
  }
  for (; !now.atEnd; now.next()) added++;
  return { added, removed };
}

/** The same where the previous CRL is another maker's, whose entries are as `sortedEntries` gives them. */
export function compareWithForeign(previous: Uint8Array, now: EntryOctets): CRLComparison {
  const removed: Removal[] = [];
  let added = 0;
  now.next();
  for (const { serialNumber, value } of unpackEntries(previous)) {
    for (; now.compareToSerialNumber(serialNumber) < 0; now.next()) added++;
    if (now.compareToSerialNumber(serialNumber) === 0) now.next();
    else {
      const copy = serialNumberFromDer(Uint8Array.from(serialNumber));
      removed.push({ serialNumber: copy, reason: revokedReason(value, 0) });
    }
  }
  for (; !now.atEnd; now.next()) added++;
  return { added, removed };
}
