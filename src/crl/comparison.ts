import { serialNumberFromDer } from "../x509/serial-number.ts";
import { openEntries } from "./certificate-list.ts";
import type { RevokedEntry } from "./entry.ts";
import { compareSerialNumbers } from "./serial-order.ts";

/** An entry that is no longer on the CRL. */
export type Removal = Pick<RevokedEntry, "serialNumber" | "reason">;

/** How a CRL differs from the one before it. */
export interface CRLComparison {
  readonly added: number;
  readonly removed: readonly Removal[];
}

/** Compares a CRL with the previous one of its scope. Both must ascend by serial number, or a `DerError`. */
export function compareCRLs(previousDer: Uint8Array, der: Uint8Array): CRLComparison {
  const removed: Removal[] = [];
  const now = openEntries(der);
  let [entries, kept] = [0, 0];
  let hasNow = true;
  const next = (): void => {
    hasNow = now.nextAscending();
    if (hasNow) entries++;
  };
  next();
  for (const before = openEntries(previousDer); before.nextAscending(); ) {
    while (hasNow && compareSerialNumbers(now.serialNumber, before.serialNumber) < 0) next();
    const isKept = hasNow && compareSerialNumbers(now.serialNumber, before.serialNumber) === 0;
    if (isKept) kept++;
    else removed.push(copyOf(before));
  }
  while (hasNow) next();
  return { added: entries - kept, removed };
}

function copyOf({ serialNumber, reason }: RevokedEntry): Removal {
  return { serialNumber: serialNumberFromDer(Uint8Array.from(serialNumber)), reason };
}
