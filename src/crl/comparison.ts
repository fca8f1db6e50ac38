import type { EntryOctets, Removal } from "./entry-octets.ts";

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
