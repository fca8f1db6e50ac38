import { rfc3339, type UnixSeconds } from "../der/time.ts";
import type { Logger } from "../observe/logger.ts";
import { metrics } from "../observe/metrics.ts";
import {
  aheadWarnings,
  CLOCK_LEEWAY_SECONDS,
  CLOCK_REMEDY,
  type ClockState,
  type ClockStop,
  type KnownTimes,
  readClockState,
  writeClockState,
} from "../store/clock-state.ts";
import { appendJournal } from "../store/journal.ts";
import type { Store } from "../store/store.ts";
import type { ClockOutlook, ClockReport } from "./admin-types.ts";
import type { Clock, Clocks } from "./clock.ts";

/** What the watch works with. */
interface WatchSources extends Clocks {
  readonly store: Store;
  readonly log: Logger;
}

/** A time that was trusted, and what the other clocks said then. */
interface Anchor {
  readonly clock: UnixSeconds;
  readonly monotonic: number;
  readonly uptime: number;
}

/** How far the clock may move against time that passed, before signing stops. */
const LARGEST_STEP_SECONDS = 60;
/** Steps within this time add up; pauses of a virtual machine over months do not. */
const ANCHOR_SECONDS = 3_600;
const LOOK_EVERY_MS = 1_000;
const KEEP_EVERY_SECONDS = 3;

/**
 * Watches the machine's clock. Signing stops when it is behind the last time seen, also across restarts, or
 * has moved against the time that passed: what would be signed by a wrong clock stays wrong for its whole
 * life. An officer ends the stop. A start after a long stop of the program is no jump.
 */
export class ClockWatch {
  readonly #sources: WatchSources;
  /** The latest time at which the clock was trusted. */
  #seen: UnixSeconds;
  #anchor: Anchor;
  #stop: ClockStop | undefined;
  #keptAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: WatchSources) {
    this.#sources = sources;
    const { store, clock } = sources;
    const kept = readClockState(store);
    this.#seen = kept?.seen ?? clock();
    this.#stop = kept?.stopped ?? undefined;
    // By what was kept the clock may be ahead as long as it likes: the program did not run.
    const trusted = this.#stop ? this.#seen : Math.max(this.#seen, clock());
    this.#anchor = this.#anchorAt(trusted);
    metrics.signingStopped.set(0);
    if (this.#stop) this.#alarm(this.#stop);
  }

  /** Looks once a second from now on. */
  start(): void {
    void this.#lookAndKeep();
    this.#timer = setInterval(() => void this.#lookAndKeep(), LOOK_EVERY_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#keep();
  }

  /** The machine's clock; while signing is stopped, the last trusted time and what has passed since. */
  readonly now: Clock = () => (this.#look() ? this.#expected() : this.#sources.clock());

  /** Whether the clock can be relied on at this moment; whoever signs asks before. */
  readonly maySign = (): boolean => this.#look() === undefined;

  /** Why signing is stopped, if it is. */
  get stopped(): ClockStop | undefined {
    return this.#look();
  }

  /** What accepting the clock now would bring; `timesAt` tells what is known when the machine's clock says that. */
  outlook(timesAt: (now: UnixSeconds) => KnownTimes): ClockOutlook {
    const stopped = this.#look();
    const now = this.#sources.clock();
    const expected = this.#expected();
    const times = { clock: rfc3339(now), expected: rfc3339(expected) };
    if (!stopped) return { isStopped: false, ...times, warnings: [] };
    const ahead = aheadWarnings(timesAt(now));
    const isAhead = now - expected > CLOCK_LEEWAY_SECONDS;
    return {
      isStopped: true,
      ...times,
      warnings: isAhead ? [ifItIsWrong(now, now - expected), ...ahead] : ahead,
    };
  }

  /** Takes the clock as right from now on. */
  async accept(by: string): Promise<ClockReport> {
    const stopped = this.#look();
    const { store, clock, log } = this.#sources;
    const now = clock();
    const times = { clock: rfc3339(now), expected: rfc3339(this.#expected()) };
    if (!stopped) return { changed: 0, ...times, sequence: null };
    const anchor = this.#anchorAt(now);
    const sequence = await store.transact((transaction) => {
      const event = { action: "clock", by, at: times.clock, expected: times.expected } as const;
      const accepted = appendJournal(transaction, event);
      writeClockState(transaction, { seen: now, stopped: null });
      // Here and not after the commit, or what is kept next could tell of a stop that is over.
      this.#seen = now;
      this.#anchor = anchor;
      this.#stop = undefined;
      return accepted;
    });
    metrics.signingStopped.set(0);
    log.warn({ by, ...times }, "the clock is accepted: signing goes on");
    return { changed: 1, ...times, sequence };
  }

  /** What the clock should say; what was seen before does not become unseen. */
  #expected(): UnixSeconds {
    return Math.max(this.#seen, this.#byUptime());
  }

  #byUptime(): UnixSeconds {
    return Math.floor(this.#anchor.clock + this.#sources.uptime() - this.#anchor.uptime);
  }

  #look(): ClockStop | undefined {
    if (this.#stop) return this.#stop;
    const now = this.#sources.clock();
    const reason = this.#faultOf(now);
    if (reason !== undefined) {
      this.#stop = { since: this.#expected(), reason };
      this.#alarm(this.#stop);
      return this.#stop;
    }
    this.#seen = Math.max(this.#seen, now);
    if (this.#passed() >= ANCHOR_SECONDS) this.#anchor = this.#anchorAt(now);
    return undefined;
  }

  #faultOf(now: UnixSeconds): string | undefined {
    if (this.#seen - now > CLOCK_LEEWAY_SECONDS) {
      return `the clock says ${rfc3339(now)} and is ${this.#seen - now} s behind the last time seen`;
    }
    if (isNear(now, this.#anchor.clock + this.#passed())) return undefined;
    // The machine may have slept.
    const expected = this.#byUptime();
    if (!isNear(now, expected)) return `the clock jumped by ${now - expected} s to ${rfc3339(now)}`;
    this.#anchor = this.#anchorAt(now);
    return undefined;
  }

  /** Seconds since the anchor, but for those that the machine slept. */
  #passed(): number {
    return this.#sources.monotonic() - this.#anchor.monotonic;
  }

  #anchorAt(clock: UnixSeconds): Anchor {
    const { monotonic, uptime } = this.#sources;
    return { clock, monotonic: monotonic(), uptime: uptime() };
  }

  #alarm({ since, reason }: ClockStop): void {
    metrics.signingStopped.set(1);
    this.#sources.log.error(
      { since: rfc3339(since), reason, do: CLOCK_REMEDY },
      "signing is stopped",
    );
    // At once, so that a restart does not forget it.
    this.#keptAt = Number.NEGATIVE_INFINITY;
  }

  async #lookAndKeep(): Promise<void> {
    this.#look();
    if (this.#sources.monotonic() - this.#keptAt >= KEEP_EVERY_SECONDS) await this.#keep();
  }

  async #keep(): Promise<void> {
    this.#keptAt = this.#sources.monotonic();
    await this.#sources.store.transact((transaction) =>
      writeClockState(transaction, this.#state()),
    );
  }

  #state(): ClockState {
    const stopped = this.#stop ?? null;
    return { seen: stopped ? this.#expected() : this.#seen, stopped };
  }
}

function ifItIsWrong(now: UnixSeconds, ahead: number): string {
  return `the clock is ${ahead} s ahead of the time that has passed. Were it wrong, and set right later, what is signed until then could not be signed anew before ${rfc3339(now)} at the earliest, and relying parties would refuse those answers as from the future`;
}

function isNear(now: UnixSeconds, expected: number): boolean {
  return Math.abs(now - Math.floor(expected)) <= LARGEST_STEP_SECONDS;
}
