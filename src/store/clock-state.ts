import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** How far the clock may be behind what it was last seen at, before signing stops. */
export const CLOCK_LEEWAY_SECONDS = 5;

/** What is remembered of the machine's clock, across restarts. */
export interface ClockState {
  /** The time up to which the clock was trusted. */
  readonly seen: UnixSeconds;
  /** Since when signing is stopped and why, or null where it is not. */
  readonly stopped: ClockStop | null;
}

export interface ClockStop {
  readonly since: UnixSeconds;
  readonly reason: string;
}

/** What ends a stop of signing. */
export const CLOCK_REMEDY = "set this machine's clock right, then: vouch clock accept";

const NAME = "clock";

/** What was last kept of the clock; nothing in a new store. */
export function readClockState(store: Pick<StoreReader, "get">): ClockState | undefined {
  return readSetting<ClockState>(store, NAME);
}

/** That signing is stopped, where it is, in words for the operator. */
export function clockWarnings(store: Pick<StoreReader, "get">): string[] {
  const stopped = readClockState(store)?.stopped;
  if (!stopped) return [];
  return [`signing is stopped since ${rfc3339(stopped.since)}: ${stopped.reason}; ${CLOCK_REMEDY}`];
}

/** Keeps what is known of the clock. */
export function writeClockState(transaction: Transaction, state: ClockState): void {
  writeSetting(transaction, NAME, state);
}
