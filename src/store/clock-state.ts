import type { UnixSeconds } from "../der/time.ts";
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

const NAME = "clock";

/** What was last kept of the clock; nothing in a new store. */
export function readClockState(store: Pick<StoreReader, "get">): ClockState | undefined {
  return readSetting<ClockState>(store, NAME);
}

/** Keeps what is known of the clock. */
export function writeClockState(transaction: Transaction, state: ClockState): void {
  writeSetting(transaction, NAME, state);
}
