/** How long a client's count runs, in milliseconds: room for its bursts. */
const WINDOW_MS = 2_000;
/** Live answers for one client in that time: 100 a second, more than a relying party asks for. */
const MOST_OF_CLIENT = 200;
/**
 * Live answers of this process a second, from whomever they are asked: with P-256 a third of a core of the
 * machine (`npm run flood`), so that no flood takes what pre-signed answers need.
 */
const MOST_A_SECOND = 500;
/** Of those, how many may be had at once. */
const MOST_AT_ONCE = 100;

/** How many live answers each client network, and all of them together, may still ask for. */
export class LiveBudget {
  /** Of networks that were given any in this time, so there are no more than what is given to all. */
  #asked = new Map<string, number>();
  #windowBegan = Number.NEGATIVE_INFINITY;
  #left = MOST_AT_ONCE;
  #leftAt = Number.NEGATIVE_INFINITY;

  /**
   * Takes one for a network (an IPv4 address, an IPv6 /64) at a time in milliseconds that never goes back;
   * false where nothing is left.
   */
  take(network: string, nowMs: number): boolean {
    if (!this.has(network, nowMs)) return false;
    this.#asked.set(network, (this.#asked.get(network) ?? 0) + 1);
    this.#left = this.#leftOfAll(nowMs) - 1;
    this.#leftAt = nowMs;
    return true;
  }

  /** Whether there is one for this network. */
  has(network: string, nowMs: number): boolean {
    if (nowMs - this.#windowBegan >= WINDOW_MS) {
      this.#windowBegan = nowMs;
      this.#asked = new Map();
    }
    return (this.#asked.get(network) ?? 0) < MOST_OF_CLIENT && this.#leftOfAll(nowMs) >= 1;
  }

  #leftOfAll(nowMs: number): number {
    const grown = this.#left + ((nowMs - this.#leftAt) * MOST_A_SECOND) / 1000;
    return Math.min(MOST_AT_ONCE, grown);
  }
}
