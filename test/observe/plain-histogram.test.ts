import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlainHistogram } from "../../src/observe/plain-histogram.ts";

const BOUNDS = [0.001, 0.01, 0.1, 1];

/** A histogram's values by bound, and its sum and count. */
async function read(histogram: PlainHistogram): Promise<Record<string, number>> {
  const { values } = await histogram.get();
  const name = (metric: string, le: unknown): string =>
    metric.endsWith("_bucket") ? `le ${String(le)}` : metric.slice("test_".length);
  return Object.fromEntries(
    values.map(({ metricName, labels, value }) => [name(metricName, labels["le"]), value]),
  );
}

describe("a histogram", () => {
  it("counts a value into the first bucket whose bound it does not pass, and into all above", async () => {
    const histogram = new PlainHistogram("test", "help", BOUNDS);
    for (const value of [0.001, 0.0011, 0.5, 7]) histogram.observe(value);
    expect(await read(histogram)).toEqual({
      "le 0.001": 1,
      "le 0.01": 2,
      "le 0.1": 2,
      "le 1": 3,
      "le +Inf": 4,
      sum: expect.closeTo(7.5021, 9),
      count: 4,
    });
  });

  it("adds up, whatever is observed", async () => {
    const value = fc.double({ min: 0, max: 20, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(value), async (observed) => {
        const histogram = new PlainHistogram("test", "help", BOUNDS);
        for (const one of observed) histogram.observe(one);
        const values = await read(histogram);
        for (const bound of BOUNDS) {
          expect(values[`le ${bound}`]).toBe(observed.filter((one) => one <= bound).length);
        }
        expect(values["count"]).toBe(observed.length);
        expect(values["le +Inf"]).toBe(observed.length);
        expect(values["sum"]).toBeCloseTo(
          observed.reduce((sum, one) => sum + one, 0),
          6,
        );
      }),
    );
  });

  it("says of itself what prom-client asks, and begins again when it is reset", async () => {
    const histogram = new PlainHistogram("test", "what it is", BOUNDS);
    histogram.observe(1);
    histogram.reset();
    const { values, ...about } = await histogram.get();
    expect(about).toEqual({
      name: "test",
      help: "what it is",
      type: "histogram",
      aggregator: "sum",
    });
    expect(values.every(({ value }) => value === 0)).toBe(true);
  });
});
