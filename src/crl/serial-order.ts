import type { SerialNumber } from "../x509/serial-number.ts";

/** Compares as the store orders: below 0 when `a` comes first, 0 when they are the same number. */
export function compareSerialNumbers(a: SerialNumber, b: SerialNumber): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
