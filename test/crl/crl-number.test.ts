import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CRL_NUMBER_LIMIT, nextCRLNumber } from "../../src/crl/crl-number.ts";

const NOW = 1_790_000_000;

describe("nextCRLNumber", () => {
  it("takes the first number from the clock", () => {
    expect(nextCRLNumber(undefined, NOW)).toBe(1_790_000_000_000n);
  });

  it("goes on above an older number with the clock", () => {
    expect(nextCRLNumber(7n, NOW)).toBe(1_790_000_000_000n);
  });

  it("counts up while the clock stands still or steps back", () => {
    expect(nextCRLNumber(1_790_000_000_000n, NOW)).toBe(1_790_000_000_001n);
    expect(nextCRLNumber(1_790_000_000_000n, NOW - 86_400)).toBe(1_790_000_000_001n);
  });

  it("is never negative, whatever the clock says", () => {
    expect(nextCRLNumber(undefined, -5)).toBe(0n);
  });

  it("passes the limit of RFC 5280 5.2.3 with an error only", () => {
    expect(nextCRLNumber(CRL_NUMBER_LIMIT - 2n, NOW)).toBe(CRL_NUMBER_LIMIT - 1n);
    expect(() => nextCRLNumber(CRL_NUMBER_LIMIT - 1n, NOW)).toThrow(RangeError);
  });

  it("always rises", () => {
    const last = fc.bigInt({ min: 0n, max: CRL_NUMBER_LIMIT - 2n });
    const clock = fc.integer({ min: -1_000_000, max: 253_402_300_799 });
    fc.assert(fc.property(last, clock, (before, now) => nextCRLNumber(before, now) > before));
  });
});
