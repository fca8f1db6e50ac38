/** Several measurements of one thing. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** The value below which this part (0 to 1) of the numbers lies, by nearest rank. Not for an empty list. */
export function percentile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Least, median and most of several rounds. */
export function spread(numbers: readonly number[]): Spread {
  return {
    least: percentile(numbers, 0),
    median: percentile(numbers, 0.5),
    most: percentile(numbers, 1),
  };
}
