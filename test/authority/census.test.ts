import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Census } from "../../src/authority/census.ts";
import { Tally } from "../../src/authority/tally.ts";
import { type CertRecord, encodeRecordHead } from "../../src/ocsp/record.ts";
import { recordKey } from "../../src/store/keys.ts";
import type { Store } from "../../src/store/store.ts";
import type { IssuerSummary } from "../../src/store/summary.ts";
import { tempStore } from "../store/temp-store.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

const start = 1_800_000_000;
const key = (index: number): Buffer => recordKey(1, serial((0x10_00_00 + index).toString(16)));

function head(more: Partial<CertRecord>): Buffer {
  return encodeRecordHead({
    status: "good",
    reason: 0,
    revocationDate: 0,
    invalidityDate: undefined,
    notAfter: start * 2,
    version: 1,
    hashes: ["sha1"],
    signer: 1,
    thisUpdate: start,
    producedAt: start,
    nextUpdate: start + 10,
    ...more,
  });
}

describe("after any changes", () => {
  let office: Office;
  const names = serials(12);

  beforeAll(async () => {
    office = await openOffice();
  });

  afterAll(() => office.close());

  const away = (): Promise<never> => Promise.reject(new Error("planted: the key is away"));

  interface Change {
    readonly kind: "good" | "expired" | "revoked" | "revoke" | "later";
    readonly which: readonly number[];
    readonly keyIsAway: boolean;
  }

  const change: fc.Arbitrary<Change> = fc.record({
    kind: fc.constantFrom("good", "expired", "revoked", "revoke", "later"),
    which: fc.uniqueArray(fc.nat(names.length - 1), { minLength: 1, maxLength: 6 }),
    keyIsAway: fc.boolean(),
  });

  async function apply({ kind, which, keyIsAway }: Change): Promise<void> {
    const chosen = names.filter((_, index) => which.includes(index));
    office.beforeAnswers = keyIsAway ? away : () => Promise.resolve();
    const more = {
      good: {},
      expired: { notAfter: "2020-01-01T00:00:00Z" },
      revoked: { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" },
      later: { notAfter: "2041-01-01T00:00:00Z" },
    } as const;
    if (kind === "revoke") await office.revoke(chosen);
    else await office.import(chosen.map((name) => row(name, more[kind])));
  }

  it("the census is what a recount finds, and the unanswered are those without answers", async () => {
    const { number } = office.issuer();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        for (const one of changes) await apply(one);
        const recount = new Census();
        const unanswered = new Set<string>();
        await recount.scan(office.desk.store, (key) => unanswered.add(key.toString("hex")));
        const now = office.clock();
        expect(office.desk.census.counts(number, now)).toEqual(recount.counts(number, now));
        expect(office.desk.census.summary()).toEqual(recount.summary());
        expect(office.desk.census.records).toBe(recount.records);
        expect(new Set(office.desk.unanswered.keys())).toEqual(unanswered);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a census that is still counting", () => {
  const COUNT = 8_000;

  /** A store whose reader is slow: what is being committed is there by the time that it reads. */
  function slow(store: Store): Store {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    return Object.assign(Object.create(store), {
      transact: store.transact.bind(store),
      refresh: () => store.refresh(),
      rows: (...[table, range]: Parameters<Store["rows"]>) => {
        Atomics.wait(pause, 0, 0, 5);
        return store.rows(table, range);
      },
    }) as Store;
  }

  it("counts each record once, whatever is written meanwhile", async () => {
    const temp = tempStore();
    await temp.store.transact((transaction) => {
      for (let index = 0; index < COUNT; index++) transaction.put("records", key(index), head({}));
    });
    const census = new Census();
    let written = 0;
    let isCounted = false;
    const write = async (index: number): Promise<void> => {
      const before = temp.store.get("records", key(index));
      const after = head({
        status: "revoked",
        revocationDate: start,
        nextUpdate: start + 20 + written++,
      });
      await temp.store.transact((transaction) => transaction.put("records", key(index), after));
      census.replaced(key(index), before, after);
    };
    const WRITERS = 20;
    const writer = async (own: number): Promise<void> => {
      // Each of its own records anywhere: behind the count, before it, where it just is.
      while (!isCounted) await write(own + WRITERS * Math.floor((Math.random() * COUNT) / WRITERS));
    };
    const writers = Array.from({ length: WRITERS }, (_, own) => writer(own));
    await census.scan(slow(temp.store), () => undefined);
    isCounted = true;
    await Promise.all(writers);
    temp.store.refresh();
    const recount = new Census();
    await recount.scan(temp.store, () => undefined);
    expect(written).toBeGreaterThan(WRITERS);
    expect(census.counts(1, start)).toEqual(recount.counts(1, start));
    expect(census.issuer(1)).toEqual(recount.issuer(1) satisfies IssuerSummary);
    await temp.close();
  });
});

it("answers that are not served are none: they count again once they are", async () => {
  const temp = tempStore();
  const census = new Census((_, signer) => served.has(signer));
  const served = new Set([1, 2]);
  const put = async (index: number, signer: number, nextUpdate: number): Promise<void> => {
    const times = {
      thisUpdate: start,
      producedAt: start + nextUpdate - 10,
      nextUpdate: start + nextUpdate,
    };
    const record = head({ signer, ...times });
    await temp.store.transact((transaction) => transaction.put("records", key(index), record));
  };
  await put(0, 1, 30);
  await put(1, 2, 20);
  await census.scan(temp.store, () => undefined);
  const both = {
    records: 2,
    answered: 2,
    earliestNextUpdate: start + 20,
    oldestProducedAt: start + 10,
    latestThisUpdate: start,
  };
  expect(census.issuer(1)).toEqual(both);
  served.delete(2);
  const one = {
    records: 2,
    answered: 1,
    earliestNextUpdate: start + 30,
    oldestProducedAt: start + 20,
    latestThisUpdate: start,
  };
  expect(census.issuer(1)).toEqual(one);
  served.delete(1);
  const none = {
    records: 2,
    answered: 0,
    earliestNextUpdate: null,
    oldestProducedAt: null,
    latestThisUpdate: start,
  };
  expect(census.summary()).toEqual({ 1: none });
  await temp.close();
});

describe("a tally", () => {
  function count(tally: Tally, list: number[], value: number, isRemoval: boolean): void {
    const at = isRemoval ? list.indexOf(value) : -1;
    tally.count(value, at < 0 ? 1 : -1);
    if (at < 0) list.push(value);
    else list.splice(at, 1);
  }

  const entry = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean());

  it("knows the least, the total and how many lie below, as a plain list does", () => {
    fc.assert(
      fc.property(fc.array(entry), fc.constantFrom(1, 7), (entries, width) => {
        const tally = new Tally(width);
        const list: number[] = [];
        for (const [value, isRemoval] of entries) count(tally, list, value, isRemoval);
        const bucket = (value: number): number => Math.floor(value / width) * width;
        expect(tally.total).toBe(list.length);
        expect(tally.least()).toBe(list.length === 0 ? null : bucket(Math.min(...list)));
        for (const limit of [0, 14, 30, 51]) {
          const below = list.filter((value) => bucket(value) + width <= limit);
          expect(tally.below(limit)).toBe(below.length);
        }
      }),
    );
  });
});
