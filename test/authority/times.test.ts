import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rfc3339 } from "../../src/der/time.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

let office: Office;

afterEach(() => office.close());

const [a, b] = serials(2) as [string, string];
const notAfter = (number: number): string =>
  `20${String(30 + number).padStart(2, "0")}-01-01T00:00:00Z`;

describe("with backdate 0", () => {
  beforeEach(async () => {
    office = await openOffice({ ocsp: { backdate: 0 } });
  });

  it("a revocation in the very second of the last answer waits for the next, and is signed", async () => {
    await office.import([row(a)]);
    const { thisUpdate } = office.record(a);
    const report = await office.revoke([a]);
    expect(report).toMatchObject({ changed: 1, unsigned: [] });
    expect(office.record(a).thisUpdate).toBeGreaterThan(thisUpdate);
    expect(office.record(a).thisUpdate).toBeLessThanOrEqual(office.record(a).producedAt);
  });

  it("an answer's thisUpdate is its producedAt, and life counts from there", async () => {
    await office.import([row(a)]);
    const { thisUpdate, producedAt, nextUpdate } = office.record(a);
    expect([producedAt - thisUpdate, nextUpdate - thisUpdate]).toEqual([0, 86_399]);
  });
});

describe("of a certificate that was issued a moment ago", () => {
  const notBefore = (): string => rfc3339(office.clock() - 5);

  beforeEach(async () => {
    office = await openOffice();
  });

  it("the first answer is not from before its notBefore: relying parties would refuse it", async () => {
    const issued = office.clock() - 5;
    await office.import([row(a, { notBefore: rfc3339(issued) })]);
    expect(office.record(a).thisUpdate).toBe(issued);
    await office.import([row(a, { notAfter: notAfter(1) })]);
    expect(office.record(a).thisUpdate).toBeGreaterThan(issued);
  });

  it("an answer from before it is signed anew when notBefore is told, once", async () => {
    await office.import([row(a)]);
    const told = row(a, { notBefore: notBefore() });
    expect(office.record(a).thisUpdate).toBeLessThan(office.clock() - 100);
    expect(await office.import([told])).toMatchObject({ changed: 1 });
    expect(rfc3339(office.record(a).thisUpdate) >= (told.notBefore ?? "")).toBe(true);
    expect(await office.import([told])).toMatchObject({ changed: 0, unchanged: 1 });
  });

  it("one that is not valid yet is answered all the same, with the present", async () => {
    await office.import([row(a, { notBefore: rfc3339(office.clock() + 86_400) })]);
    const { thisUpdate, producedAt, hashes } = office.record(a);
    expect([thisUpdate, hashes.length]).toEqual([producedAt, 2]);
  });

  it("one that was issued long ago has answers as ever", async () => {
    await office.import([row(a, { notBefore: "2020-01-01T00:00:00Z" })]);
    const { thisUpdate, producedAt } = office.record(a);
    expect(producedAt - thisUpdate).toBe(300);
  });
});

describe("with a clock that steps back", () => {
  beforeEach(async () => {
    office = await openOffice();
  });

  it("a revocation is recorded at once and signed once thisUpdate can rise", async () => {
    await office.import([row(a)]);
    const before = office.record(a);
    office.now = before.producedAt - 3_600;
    expect(await office.revoke([a])).toMatchObject({ changed: 1, unsigned: [a] });
    expect(office.record(a)).toMatchObject({ status: "revoked", hashes: [] });
    expect(office.record(a).thisUpdate).toBeGreaterThanOrEqual(before.thisUpdate);
    office.now = before.producedAt + 3_600;
    expect(await office.import([row(b)])).toMatchObject({ added: 1 });
    expect(office.errors).toEqual([]);
  });

  it("and forth: thisUpdate of a certificate's answers rises always, and none is from the future", async () => {
    await office.import([row(a)]);
    const jump = fc.integer({ min: -20_000, max: 20_000 });
    let number = 0;
    let answered = office.record(a).thisUpdate;
    const start = office.clock();
    await fc.assert(
      fc.asyncProperty(jump, async (jumped) => {
        // No waiting for the second of the last answer: that is another test's.
        office.now = start + jumped + (Math.abs(start + jumped - 300 - answered) < 4 ? 10 : 0);
        const before = office.record(a);
        const report = await office.import([row(a, { notAfter: notAfter(number++ % 60) })]);
        expect(report).toMatchObject({ changed: 1 });
        const after = office.record(a);
        expect(after.thisUpdate).toBeGreaterThanOrEqual(before.thisUpdate);
        if (after.hashes.length === 0) return;
        expect(after.thisUpdate).toBeGreaterThan(answered);
        expect(after.thisUpdate).toBeLessThanOrEqual(office.now);
        expect(after.producedAt).toBe(Math.floor(office.now));
        answered = after.thisUpdate;
      }),
      { numRuns: 60 },
    );
    expect(number).toBeGreaterThanOrEqual(60);
  });
});
