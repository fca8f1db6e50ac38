/** The value that `percent` of all values do not pass; `sorted` is ascending and not empty. */
export function percentile(sorted: readonly number[], percent: number): number {
  const at = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(at, 0)] ?? Number.NaN;
}

/** Where the values of several rounds lie. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of at least one value; the median of an even number is the mean of the middle two. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(half)] ?? Number.NaN;
  return {
    median: (low + high) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** `median (min–max)`, or the one value alone; with this many decimals. */
export function spreadText({ median, min, max }: Spread, decimals: number): string {
  const text = (value: number): string =>
    value.toLocaleString("en", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  return min === max ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}
