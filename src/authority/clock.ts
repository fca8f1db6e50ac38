import type { UnixSeconds } from "../der/time.ts";

/** Tells the time; passed in, so that tests can say what it is. */
export type Clock = () => UnixSeconds;

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
