import { expect, test } from "vitest";
import { fuzz, LONGEST_MS } from "./run.ts";

test("200,000 mutated requests: none throws, none takes long, pkijs agrees", () => {
  const report = fuzz({ count: 200_000, seed: 6960, pkijsOneIn: 20 });
  expect(report.slowestMs).toBeLessThan(LONGEST_MS);
  // Otherwise the mutations are too wild to reach what is inside, or too tame.
  expect(report.taken).toBeGreaterThan(10_000);
  expect(report.refused).toBeGreaterThan(100_000);
  expect(report.agreed).toBeGreaterThan(200);
}, 600_000);
