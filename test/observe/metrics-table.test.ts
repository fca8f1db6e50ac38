import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metrics, processMetrics } from "../../src/observe/metrics.ts";

/** A metric's name, type, and labels in the order of the code. */
type Described = readonly [name: string, type: string, labels: string];

/** prom-client's metrics know their labels, its types do not say so; a histogram of our own has none. */
interface Labelled {
  readonly name: string;
  readonly labelNames?: readonly string[];
}

const ROW = /^\| `(vouch_[a-z_]+)` \| ([a-z]+) \|([^|]*)\| [^|]+ \|$/gm;

function tableOfReadme(): Described[] {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  return [...text.matchAll(ROW)].map(([, name = "", type = "", labels = ""]): Described => {
    const named = [...labels.matchAll(/`([a-z]+)`/g)].map(([, label]) => label);
    return [name, type, named.join(" ")];
  });
}

async function metricsOfCode(): Promise<Described[]> {
  const types = new Map((await processMetrics()).map(({ name, type }) => [name, String(type)]));
  return (Object.values(metrics) as unknown as Labelled[]).map(
    ({ name, labelNames = [] }): Described => [name, types.get(name) ?? "", labelNames.join(" ")],
  );
}

describe("README's table of metrics", () => {
  it("has every metric of the code with its type and labels, in its order, and no other", async () => {
    expect(tableOfReadme()).toEqual(await metricsOfCode());
  });

  it("is not empty, so that an empty list of metrics does not pass", async () => {
    expect(tableOfReadme().length).toBeGreaterThan(10);
    expect((await metricsOfCode()).every(([, type]) => type !== "")).toBe(true);
  });
});
