import { describe, expect, it } from "vitest";
import { type CRLAge, type CRLsNow, dueCRLs } from "../../src/authority/crl-due.ts";
import type { CrlConfig } from "../../src/config/config.ts";

const NOW = 1_800_000_000;
const HOUR = 3_600;

/** The defaults: every 12 h, in force for 48 h, a minute after a change. */
const CONFIG: CrlConfig = {
  signer: { certificate: "ca.pem", key: "ca.key" },
  validitySeconds: 48 * HOUR,
  everySeconds: 12 * HOUR,
  onRevocationSeconds: 60,
  leastIntervalSeconds: 60,
  deltaSeconds: undefined,
  shards: 0,
  keepExpired: true,
  keep: { count: 20 },
  url: "http://crl.example.vn/crl/gov-1.crl",
  paths: [],
};
const WITH_DELTA = { ...CONFIG, deltaSeconds: HOUR };
const WITH_SHARDS = { ...CONFIG, shards: 2 };

/** A full CRL that is as old as this. */
function full(ageSeconds: number, more: Partial<CRLAge> = {}): CRLAge {
  const nextUpdate = NOW - ageSeconds + CONFIG.validitySeconds;
  return { ageSeconds, nextUpdate, isOutdated: false, ...more };
}
function delta(ageSeconds: number, more: Partial<CRLAge> = {}): CRLAge {
  return { ...full(ageSeconds, more), nextUpdate: NOW - ageSeconds + 3 * HOUR };
}

function due(crl: CrlConfig, now: Partial<CRLsNow>): ReturnType<typeof dueCRLs> {
  const fresh: CRLsNow = {
    complete: [full(HOUR / 2)],
    delta: crl.deltaSeconds ? delta(HOUR / 2) : undefined,
    isBehind: false,
    canIssueDelta: true,
  };
  return dueCRLs(crl, { ...fresh, ...now }, NOW);
}

const changed = { isOutdated: true };

describe("by their age", () => {
  it.each<[string, CrlConfig, Partial<CRLsNow>, "all" | "delta" | undefined]>([
    ["fresh ones are not", CONFIG, {}, undefined],
    ["none at all", CONFIG, { complete: [undefined] }, "all"],
    ["a second younger than `every`", CONFIG, { complete: [full(12 * HOUR - 1)] }, undefined],
    ["as old as `every`", CONFIG, { complete: [full(12 * HOUR)] }, "all"],
    ["after days of sleep", CONFIG, { complete: [full(1_000 * HOUR)] }, "all"],
    ["of a clock that stepped back", CONFIG, { complete: [full(Number.POSITIVE_INFINITY)] }, "all"],
    [
      "half through the time that `every` leaves before nextUpdate",
      CONFIG,
      { complete: [full(HOUR, { nextUpdate: NOW + 18 * HOUR })] },
      "all",
    ],
    [
      "a second before that",
      CONFIG,
      { complete: [full(HOUR, { nextUpdate: NOW + 18 * HOUR + 1 })] },
      undefined,
    ],
    ["behind what was published", CONFIG, { isBehind: true }, "all"],
    ["a shard that is missing", WITH_SHARDS, { complete: [full(1), full(1), undefined] }, "all"],
    ["a shard that is old", WITH_SHARDS, { complete: [full(1), full(12 * HOUR), full(1)] }, "all"],
    ["a delta that is missing", WITH_DELTA, { delta: undefined }, "delta"],
    ["a delta a second too young", WITH_DELTA, { delta: delta(HOUR - 1) }, undefined],
    ["a delta as old as `delta`", WITH_DELTA, { delta: delta(HOUR) }, "delta"],
    ["a delta without a base", WITH_DELTA, { delta: delta(HOUR), canIssueDelta: false }, "all"],
    [
      "a delta that is old beside a full one that is",
      WITH_DELTA,
      { complete: [full(12 * HOUR)], delta: delta(HOUR) },
      "all",
    ],
  ])("%s", (_, crl, now, wanted) => {
    expect(due(crl, now)).toBe(wanted);
  });
});

describe("after a change of status", () => {
  it.each<[string, CrlConfig, Partial<CRLsNow>, "all" | "delta" | undefined]>([
    ["the full one", CONFIG, { complete: [full(60, changed)] }, "all"],
    ["not within leastInterval", CONFIG, { complete: [full(59, changed)] }, undefined],
    [
      "at once where leastInterval is 0",
      { ...CONFIG, leastIntervalSeconds: 0 },
      { complete: [full(0, changed)] },
      "all",
    ],
    [
      "never where onRevocation is 0",
      { ...CONFIG, onRevocationSeconds: 0 },
      { complete: [full(11 * HOUR, changed)] },
      undefined,
    ],
    [
      "the delta where there is one, not the full one that lacks it as well",
      WITH_DELTA,
      { complete: [full(HOUR / 2, changed)], delta: delta(60, changed) },
      "delta",
    ],
    [
      "not the delta where that tells of it already",
      WITH_DELTA,
      { complete: [full(HOUR / 2, changed)], delta: delta(60) },
      undefined,
    ],
    [
      "not the delta within leastInterval of the last",
      WITH_DELTA,
      { complete: [full(HOUR / 2, changed)], delta: delta(59, changed) },
      undefined,
    ],
    [
      "the delta within onRevocation, however long leastInterval is",
      { ...WITH_DELTA, onRevocationSeconds: 10, leastIntervalSeconds: HOUR },
      { complete: [full(HOUR / 2, changed)], delta: delta(10, changed) },
      "delta",
    ],
    [
      "and not sooner",
      { ...WITH_DELTA, onRevocationSeconds: 10, leastIntervalSeconds: HOUR },
      { complete: [full(HOUR / 2, changed)], delta: delta(9, changed) },
      undefined,
    ],
    [
      "all where there are shards, which have no deltas",
      { ...WITH_DELTA, shards: 1 },
      { complete: [full(60, changed), full(60, changed)], delta: delta(1) },
      "all",
    ],
  ])("%s", (_, crl, now, wanted) => {
    expect(due(crl, now)).toBe(wanted);
  });
});
