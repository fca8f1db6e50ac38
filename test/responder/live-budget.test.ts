import { expect, it } from "vitest";
import { LiveBudget } from "../../src/responder/live-budget.ts";

/** How many of so many tries, one every so many milliseconds, are given. */
function taken(
  budget: LiveBudget,
  network: string,
  { from, tries, everyMs }: { from: number; tries: number; everyMs: number },
): number {
  return Array.from({ length: tries }, (_, i) => budget.take(network, from + i * everyMs)).filter(
    Boolean,
  ).length;
}

it("gives a client 200 in two seconds, and again in the next two", () => {
  const budget = new LiveBudget();
  expect(taken(budget, "192.0.2.1", { from: 0, tries: 400, everyMs: 4 })).toBe(200);
  expect(taken(budget, "192.0.2.2", { from: 1_610, tries: 80, everyMs: 4 })).toBe(80);
  expect(taken(budget, "192.0.2.1", { from: 2_000, tries: 400, everyMs: 4 })).toBe(200);
});

it("gives all together 100 at once and 500 a second, however many ask", () => {
  const budget = new LiveBudget();
  let given = 0;
  for (let i = 0; i < 1_000; i++) given += budget.take(`net ${i % 100}`, 5) ? 1 : 0;
  expect(given).toBe(100);
  for (let ms = 5; ms < 1_005; ms++) {
    for (let i = 0; i < 5; i++) given += budget.take(`net ${(ms * 5 + i) % 97}`, ms) ? 1 : 0;
  }
  expect(given).toBeGreaterThanOrEqual(595);
  expect(given).toBeLessThanOrEqual(600);
});
