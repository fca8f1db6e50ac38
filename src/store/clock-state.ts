import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";
import type { Summary } from "./summary.ts";

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

/** That signing is stopped, or that answers are ahead of the clock, in words for the operator. */
export function clockWarnings(store: Pick<StoreReader, "get">, known: KnownTimes): string[] {
  const stopped = readClockState(store)?.stopped;
  if (!stopped) return aheadWarnings(known);
  return [`signing is stopped since ${rfc3339(stopped.since)}: ${stopped.reason}; ${CLOCK_REMEDY}`];
}

/** An issuer, as it is told of. */
export interface NamedIssuer {
  readonly name: string;
  readonly number: number;
}

/** What tells whether answers are ahead of the clock. */
export interface KnownTimes {
  readonly issuers: readonly NamedIssuer[];
  readonly summary: Summary;
  readonly now: UnixSeconds;
}

/**
 * By issuer, that it has answers of a time that the clock has yet to reach. They stay so: thisUpdate never goes back
 * for a certificate, and what is signed is never from later than the clock says.
 */
export function aheadWarnings({ issuers, summary, now }: KnownTimes): string[] {
  return issuers.flatMap(({ name, number }) => {
    const until = summary[number]?.latestThisUpdate ?? 0;
    if (until <= now + CLOCK_LEEWAY_SECONDS) return [];
    return [
      `answers of ${name} have a thisUpdate up to ${rfc3339(until)}, since a clock that was ahead was accepted: relying parties refuse them until then, and what they are about is not signed anew before`,
    ];
  });
}

/** Keeps what is known of the clock. */
export function writeClockState(transaction: Transaction, state: ClockState): void {
  writeSetting(transaction, NAME, state);
}
