/** What keeps the time of a connection, in seconds as of the server's ticks. */
export interface Timed {
  /** Ends it if its time is over at `now`. */
  expire(now: number): void;
  /** Since when nothing is asked or answered on it; `BUSY` where something is. */
  idleSince(): number;
  /** Ends it in favour of another, as its time would. */
  makeRoom(): void;
}

/** After all that is idle. */
export const BUSY: number = Number.POSITIVE_INFINITY;

/**
 * From when on a connection counts as idle on which nothing has come since `accepted`: not before there was time to
 * read what may have come with it, or those that are accepted together would end one another.
 */
export function idleFrom(accepted: number): number {
  return accepted + GRACE_SECONDS;
}

const GRACE_SECONDS = 2;
