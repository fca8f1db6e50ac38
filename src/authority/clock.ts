import { uptime } from "node:os";
import type { UnixSeconds } from "../der/time.ts";

/** Tells the time; passed in, so that tests can say what it is. */
export type Clock = () => UnixSeconds;

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/** All that tells how time passes. */
export interface Clocks {
  readonly clock: Clock;
  /** Seconds from some beginning, which nobody can set; the time that the machine slept is not counted. */
  readonly monotonic: () => number;
  /** The same with the time that it slept (CLOCK_BOOTTIME). It takes 26 µs, since Node reads /proc/uptime. */
  readonly uptime: () => number;
}

/** Those of this machine. */
export const systemClocks: Clocks = {
  clock: systemClock,
  monotonic: () => performance.now() / 1000,
  uptime,
};
