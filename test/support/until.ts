import { setTimeout as sleep } from "node:timers/promises";

/** What is waited for, in words for the failure; time limit and step in milliseconds. */
interface Waiting {
  readonly what: string;
  readonly within?: number;
  readonly every?: number;
}

/**
 * Asks until the answer is there, and gives it. An answer of `undefined` or `false`, or a throw,
 * means not yet. Rejects with the last throw's message when the time is over.
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, within = 10_000, every = 25 }: Waiting,
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
