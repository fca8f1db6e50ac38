import { setTimeout as sleep } from "node:timers/promises";

/** For what never comes; what comes late on a slow machine that does other work beside it, comes long before. */
const LONGEST_MS = 90_000;

/** What is waited for, in words for the failure; time limit and step in milliseconds. */
interface Waiting {
  readonly what: string;
  readonly within?: number | undefined;
  readonly every?: number;
}

/**
 * Asks until the answer is there, and gives it. An answer of `undefined` or `false`, or a throw,
 * means not yet. Rejects with the last throw's message when the time is over.
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, within = LONGEST_MS, every = 25 }: Waiting,
): Promise<T> {
  const end = performance.now() + within;
  let last = "";
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = "";
    } catch (error) {
      last = `; the last try: ${error instanceof Error ? error.message : String(error)}`;
    }
    await sleep(every);
  }
  throw new Error(`waited ${within} ms in vain for: ${what}${last}`);
}
