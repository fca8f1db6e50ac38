/** How many of something there are at each value, in buckets of a given width. */
export class Tally {
  readonly #width: number;
  readonly #counts = new Map<number, number>();
  #total = 0;

  constructor(width = 1) {
    this.#width = width;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts `value` up (+1) or down (-1). */
  count(value: number, by: 1 | -1): void {
    const bucket = Math.floor(value / this.#width);
    const count = (this.#counts.get(bucket) ?? 0) + by;
    if (count === 0) this.#counts.delete(bucket);
    else this.#counts.set(bucket, count);
    this.#total += by;
  }

  /** The start of the lowest bucket that holds any, or null. */
  least(): number | null {
    let least: number | null = null;
    for (const bucket of this.#counts.keys()) {
      if (least === null || bucket < least) least = bucket;
    }
    return least === null ? null : least * this.#width;
  }

  /** How many are in buckets that end at or before `value`. */
  below(value: number): number {
    let sum = 0;
    for (const [bucket, count] of this.#counts) {
      if ((bucket + 1) * this.#width <= value) sum += count;
    }
    return sum;
  }
}
