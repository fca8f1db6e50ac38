import { expect, it } from "vitest";
import { LiveBudget } from "../../src/responder/live-budget.ts";

function taken(budget: LiveBudget, network: string, now: number, tries: number): number {
  return Array.from({ length: tries }, () => budget.take(network, now)).filter(Boolean).length;
}

it("gives each network 200 a second, whatever the others take", () => {
  const budget = new LiveBudget();
  expect(taken(budget, "192.0.2.1", 100, 500)).toBe(200);
  expect(taken(budget, "192.0.2.2", 100, 500)).toBe(200);
  expect(taken(budget, "2001:db8:0:1::/64", 101, 500)).toBe(200);
  expect(taken(budget, "192.0.2.1", 101, 500)).toBe(200);
});

it("keeps no more than 10,000 networks in mind", () => {
  const budget = new LiveBudget();
  let networks = 0;
  for (let number = 0; number < 20_000; number++) networks += taken(budget, `net ${number}`, 1, 1);
  expect(networks).toBe(10_000);
  expect(taken(budget, "net 5", 1, 1)).toBe(1);
  expect(taken(budget, "net 15000", 2, 1)).toBe(1);
});
