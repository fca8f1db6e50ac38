import { recordHasAnswer } from "../ocsp/record.ts";
import type { Transaction } from "../store/store.ts";
import type { Desk } from "./desk.ts";

/** A record to be written, if it is still as it was when its answers were signed. */
export interface RecordWrite {
  readonly key: Buffer;
  /** As it was read; nothing where it was not there. */
  readonly before: Buffer | undefined;
  readonly after: Buffer;
}

/** Whether nobody has touched the record since it was read. */
export function isUntouched(
  transaction: Transaction,
  write: Pick<RecordWrite, "key" | "before">,
): boolean {
  const current = transaction.get("records", write.key);
  if (!current || !write.before) return current === write.before;
  return current.compare(write.before) === 0;
}

/** Tells census and retry list of records that a committed transaction has written. */
export function noteWritten(
  desk: Pick<Desk, "census" | "unanswered">,
  writes: readonly RecordWrite[],
): void {
  for (const { key, before, after } of writes) {
    desk.census.replaced(key, before, after);
    if (recordHasAnswer(after)) desk.unanswered.delete(key);
    else desk.unanswered.add(key);
  }
}
