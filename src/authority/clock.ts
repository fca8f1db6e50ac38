import { uptime } from "node:os";
import type { UnixSeconds } from "../der/time.ts";

/** Tells the time; passed in, so that tests can say what it is. */
export type Clock = () => UnixSeconds;

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/**
 * Seconds since the machine started, which nobody can set; the time it was suspended counts
 * (CLOCK_BOOTTIME), so that waking up is no jump of the clock.
 */
export const systemUptime: () => number = uptime;
