/** A histogram's values as prom-client reads them at scrape. */
export interface HistogramValues {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly aggregator: "sum";
  readonly values: readonly {
    readonly metricName: string;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
  }[];
}

/** A histogram that only counts, for the request path: no labels are hashed and nothing is allocated. */
export class PlainHistogram {
  readonly name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds` are the upper bounds of the buckets, ascending, in the metric's unit. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  /** What prom-client's registry calls at scrape. */
  get(): Promise<HistogramValues> {
    const values: HistogramValues["values"][number][] = [];
    let total = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      total += count;
      const le = this.#bounds[bucket] ?? "+Inf";
      values.push({ metricName: `${this.name}_bucket`, labels: { le }, value: total });
    }
    values.push({ metricName: `${this.name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${this.name}_count`, labels: {}, value: total });
    const { name } = this;
    return Promise.resolve({
      name,
      help: this.#help,
      type: "histogram",
      aggregator: "sum",
      values,
    });
  }

  /** prom-client resets metrics in its own tests only. */
  reset(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }
}
