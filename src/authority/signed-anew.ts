import { decodeRecord, statusOf } from "../ocsp/record.ts";
import { serialNumberOfKey } from "../store/keys.ts";
import type { Row, Transaction } from "../store/store.ts";
import type { Draft, MadeRecord } from "./answer-maker.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { isUntouched, noteWritten, type RecordWrite } from "./record-write.ts";

/** Fresh answers for records of one issuer, ready to be written; what cannot be signed is left as it is. */
export async function signedAnew(
  desk: Pick<Desk, "maker">,
  issuer: Issuer,
  rows: readonly Row[],
): Promise<RecordWrite[]> {
  const made = await desk.maker.make(issuer, rows.map(draftOf), "bulk");
  return rows.flatMap(({ key, value }, i) => {
    const { octets, signed } = made[i] as MadeRecord;
    return signed ? [{ key, before: value, after: octets }] : [];
  });
}

/** Writes what nobody has touched meanwhile, with whatever else belongs to the change. */
export async function writeAnew(
  desk: Pick<Desk, "store" | "census" | "unanswered">,
  writes: readonly RecordWrite[],
  alongside: (transaction: Transaction) => void = () => undefined,
): Promise<void> {
  const fresh = await desk.store.transact((transaction) => {
    const untouched = writes.filter((write) => isUntouched(transaction, write));
    for (const { key, after } of untouched) transaction.put("records", key, after);
    alongside(transaction);
    return untouched;
  });
  noteWritten(desk, fresh);
}

/** The same status again; its version stays, since nothing but answers changes. */
function draftOf({ key, value }: Row): Draft {
  const record = decodeRecord(value);
  return {
    serialNumber: serialNumberOfKey(key),
    status: statusOf(record),
    changedAt: undefined,
    lastThisUpdate: record.thisUpdate,
  };
}
