import { readFileSync } from "node:fs";

/** What one core has done so far. */
export interface CoreUse {
  /** Seconds in which it was not idle: also those that other machines on the same hardware took. */
  readonly busySeconds: number;
  readonly seconds: number;
}

const TICKS_PER_SECOND = 100;

/** Of /proc/stat; guest time is in user time already. */
const IDLE = [3, 4];
const COUNTED = 8;

/** A core's time since the machine started, from /proc/stat. */
export function coreUse(core: number): CoreUse {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(readFileSync("/proc/stat", "latin1"));
  const ticks = (line?.[1] ?? "").split(" ").slice(0, COUNTED).map(Number);
  const all = ticks.reduce((sum, one) => sum + one, 0);
  const idle = IDLE.reduce((sum, at) => sum + (ticks[at] ?? 0), 0);
  return { busySeconds: (all - idle) / TICKS_PER_SECOND, seconds: all / TICKS_PER_SECOND };
}
