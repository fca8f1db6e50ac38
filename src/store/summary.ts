import type { UnixSeconds } from "../der/time.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** What is known of an issuer's records without walking over them; kept so that it is known at start. */
export interface IssuerSummary {
  readonly records: number;
  /** Records that have an answer. */
  readonly answered: number;
  readonly earliestNextUpdate: UnixSeconds | null;
  readonly oldestProducedAt: UnixSeconds | null;
  /** The latest thisUpdate that binds a later answer's; not known of one that an earlier version kept. */
  readonly latestThisUpdate?: UnixSeconds;
}

/** By the issuer's number. */
export type Summary = Readonly<Record<string, IssuerSummary>>;

const NAME = "summary";

/** The summary that the authority last kept. */
export function readSummary(store: Pick<StoreReader, "get">): Summary {
  return readSetting<Summary>(store, NAME) ?? {};
}

/** Keeps the summary. */
export function writeSummary(transaction: Transaction, summary: Summary): void {
  writeSetting(transaction, NAME, summary);
}

/** Why an issuer's answers cannot be relied on now, or null where they can; one without records is ready. */
export function unreadyReason(summary: IssuerSummary | undefined, now: UnixSeconds): string | null {
  if (!summary || summary.records === 0) return null;
  if (summary.earliestNextUpdate === null) return "no certificate has a signed answer";
  if (summary.earliestNextUpdate > now) return null;
  return `the oldest answer expired ${now - summary.earliestNextUpdate} s ago and was not signed anew`;
}
