import { serialNumberText } from "../x509/serial-number.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** The journal events with which a certificate's record was removed, oldest first; none for nearly all. */
export function readForgotten(
  store: Pick<StoreReader, "get"> | Transaction,
  issuer: number,
  serialNumber: Uint8Array,
): readonly number[] {
  return readSetting<number[]>(store, nameOf(issuer, serialNumber)) ?? [];
}

/** Keeps where the history of a certificate ends whose record is removed, as part of that change. */
export function noteForgotten(
  transaction: Transaction,
  issuer: number,
  serialNumber: Uint8Array,
  sequence: number,
): void {
  const earlier = readForgotten(transaction, issuer, serialNumber);
  writeSetting(transaction, nameOf(issuer, serialNumber), [...earlier, sequence]);
}

function nameOf(issuer: number, serialNumber: Uint8Array): string {
  return `forgotten ${issuer} ${serialNumberText(serialNumber)}`;
}
