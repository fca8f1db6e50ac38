import type { UnixSeconds } from "../der/time.ts";

/**
 * Live answers a second for one client network: far more than one relying party asks for, and little beside
 * what a core signs.
 */
const MOST_A_SECOND = 200;
/** No more networks are told apart in a second; whoever comes after them waits for the next. */
const MOST_NETWORKS = 10_000;

/** How many live answers each client network has asked for in this second. */
export class LiveBudget {
  readonly #asked = new Map<string, number>();
  #second: UnixSeconds = 0;

  /** Takes one from the budget of a network (an IPv4 address, an IPv6 /64); false where nothing is left of it. */
  take(network: string, now: UnixSeconds): boolean {
    if (now !== this.#second) {
      this.#second = now;
      this.#asked.clear();
    }
    const asked = this.#asked.get(network) ?? 0;
    if (asked >= MOST_A_SECOND) return false;
    if (asked === 0 && this.#asked.size >= MOST_NETWORKS) return false;
    this.#asked.set(network, asked + 1);
    return true;
  }
}
