import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ImportRow } from "../../src/authority/admin-import-types.ts";
import { importBatch } from "../../src/authority/import-batch.ts";
import { Sweep } from "../../src/authority/sweep.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { type JournalEntry, readJournal } from "../../src/store/journal.ts";
import { until } from "../support/until.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

let office: Office;
let [a, b, c] = ["", "", ""];
let used = 0;
/** What was there before the test. */
let before: { events: number; counts: Counts };

beforeAll(async () => {
  office = await openOffice();
});

afterAll(() => office.close());

beforeEach(() => {
  [a, b, c] = serials(3, 0x10_00_00 + 32 * used++) as [string, string, string];
  before = { events: 0, counts: { good: 0, revoked: 0 } };
  before = { events: events().length, counts: counts() };
});

const revoked: Partial<ImportRow> = {
  status: "revoked",
  reason: "superseded",
  revocationDate: "2026-01-01T00:00:00Z",
};

/** Events of this test. */
function events(): JournalEntry[] {
  const found: JournalEntry[] = [];
  office.desk.store.refresh();
  for (let sequence = 1; ; sequence++) {
    const entry = readJournal(office.desk.store, sequence);
    if (!entry) return found.slice(before.events);
    found.push(entry);
  }
}

type Counts = Record<"good" | "revoked", number>;

/** How many more there are than before the test. */
function counts(): Counts {
  const { good, revoked } = office.desk.census.counts(office.issuer().number, office.clock());
  return { good: good - before.counts.good, revoked: revoked - before.counts.revoked };
}

describe("an import", () => {
  it("adds what is new, with answers; one event for the good, one for each revocation", async () => {
    const report = await office.import([row(a), row(b, revoked), row(c)]);
    expect(report).toEqual({ read: 3, added: 3, unchanged: 0, changed: 0, bad: [] });
    expect(office.record(a)).toMatchObject({ status: "good", hashes: ["sha1", "sha256"] });
    expect(office.record(b)).toMatchObject({
      status: "revoked",
      reason: 4,
      revocationDate: Date.UTC(2026, 0, 1) / 1000,
    });
    expect(
      events().map(({ action, rows, serialNumber }) => ({ action, rows, serialNumber })),
    ).toEqual([
      { action: "import", rows: 2, serialNumber: undefined },
      { action: "revoke", rows: undefined, serialNumber: b },
    ]);
    expect(counts()).toMatchObject({ good: 2, revoked: 1 });
  });

  it("again changes nothing", async () => {
    const rows = [row(a), row(b, revoked), row(c)];
    await office.import(rows);
    const [octets, written] = [[a, b, c].map((name) => office.octets(name)), events().length];
    expect(await office.import(rows)).toEqual({
      read: 3,
      added: 0,
      unchanged: 3,
      changed: 0,
      bad: [],
    });
    expect([a, b, c].map((name) => office.octets(name))).toEqual(octets);
    expect(events()).toHaveLength(written);
  });

  it("V for what is revoked is bad, and a certificate of it says nothing new", async () => {
    await office.import([row(a, revoked)]);
    const octets = office.octets(a);
    const register = await office.import([row(a, { line: 7, file: "index.txt" })]);
    expect(register).toMatchObject({ read: 1, added: 0, changed: 0, unchanged: 0 });
    expect(register.bad).toEqual([
      {
        file: "index.txt",
        line: 7,
        message: expect.stringMatching(/revoked since 2026-01-01T00:00:00Z.*never undone/),
      },
    ]);
    const certificate = await office.import([row(a, { claims: "issuance" })]);
    expect(certificate).toEqual({ read: 1, added: 0, unchanged: 1, changed: 0, bad: [] });
    expect(office.octets(a)).toEqual(octets);
  });

  it("R makes good revoked, with an event of its own, and again changes nothing", async () => {
    await office.import([row(a), row(b)]);
    const { thisUpdate } = office.record(a);
    const report = await office.import([row(a, revoked)]);
    expect(report).toEqual({ read: 1, added: 0, unchanged: 0, changed: 1, bad: [] });
    expect(office.record(a)).toMatchObject({ status: "revoked", reason: 4 });
    expect(office.record(a).thisUpdate).toBeGreaterThan(thisUpdate);
    expect(events().at(-1)).toMatchObject({
      action: "revoke",
      serialNumber: a,
      reason: "superseded",
      revocationDate: "2026-01-01T00:00:00Z",
    });
    expect(office.record(a).version).toBe(events().at(-1)?.sequence);
    expect(await office.import([row(a, revoked)])).toMatchObject({ unchanged: 1, changed: 0 });
    expect(counts()).toMatchObject({ good: 1, revoked: 1 });
  });

  it("another notAfter is taken over; none leaves what is known", async () => {
    await office.import([row(a)]);
    const later = "2040-06-01T00:00:00Z";
    expect(await office.import([row(a, { notAfter: later })])).toMatchObject({ changed: 1 });
    expect(office.record(a).notAfter).toBe(Date.parse(later) / 1000);
    expect(await office.import([row(a, { notAfter: null })])).toMatchObject({ unchanged: 1 });
    expect(await office.import([row(a, { ...revoked, notAfter: null })])).toMatchObject({
      changed: 1,
    });
    expect(office.record(a)).toMatchObject({
      status: "revoked",
      notAfter: Date.parse(later) / 1000,
    });
  });

  const ahead = (): string => rfc3339(office.clock() + 60);
  const bad: readonly (readonly [string, () => Partial<ImportRow>, RegExp])[] = [
    [
      "hold",
      () => ({ ...revoked, status: "hold" }),
      /suspension \(certificateHold\) is switched off for gov-1/,
    ],
    [
      "revoked ahead",
      () => ({ ...revoked, revocationDate: ahead() }),
      /revocationDate .* lies ahead/,
    ],
    [
      "invalid ahead",
      () => ({ ...revoked, invalidityDate: ahead() }),
      /invalidityDate .* lies ahead/,
    ],
    [
      "revoked at no time",
      () => ({ ...revoked, revocationDate: null }),
      /needs its revocationDate/,
    ],
    ["no serial number", () => ({ serialNumber: "xyz" }), /"xyz" is no serial number/],
    [
      "revoked before 1970",
      () => ({ ...revoked, revocationDate: "1969-12-31T23:59:59Z" }),
      /revocationDate 1969-12-31T23:59:59Z is before 1970/,
    ],
    [
      "invalid before 1970",
      () => ({ ...revoked, invalidityDate: "1950-01-01T00:00:00Z" }),
      /invalidityDate .* is before 1970/,
    ],
    [
      "expired before 1970",
      () => ({ notAfter: "1950-01-01T00:00:00Z" }),
      /notAfter .* is before 1970/,
    ],
  ];

  it.each(bad)("%s is bad, and the rest goes in", async (_, more, words) => {
    const report = await office.import([row(a), row(b, { line: 2, ...more() }), row(c)]);
    expect(report).toMatchObject({ read: 3, added: 2 });
    expect(report.bad).toEqual([
      { file: "test.csv", line: 2, message: expect.stringMatching(words) },
    ]);
    expect(office.octets(b)).toBeUndefined();
  });

  it("with dryRun tells the same and writes nothing", async () => {
    await office.import([row(a), row(b)]);
    const rows = [row(a), row(b, revoked), row(c)];
    const written = events().length;
    const batch = { rows, by: "test", dryRun: true };
    expect(await importBatch(office.desk, office.issuer(), batch)).toEqual({
      read: 3,
      added: 1,
      unchanged: 1,
      changed: 1,
      bad: [],
    });
    expect(events()).toHaveLength(written);
    expect([office.octets(c), office.record(b).status]).toEqual([undefined, "good"]);
  });
});

describe("an import beside another writer", () => {
  /** Does this once, while the next answers are about to be signed. */
  function meanwhile(act: () => Promise<unknown>): void {
    office.beforeAnswers = async () => {
      office.beforeAnswers = () => Promise.resolve();
      await act();
    };
  }

  it("that revokes one of its certificates: the revocation stays, the line is bad", async () => {
    await office.import([row(a), row(b)]);
    meanwhile(() => office.revoke([a]));
    const later = { notAfter: "2037-01-01T00:00:00Z" };
    const report = await office.import([row(a, later), row(b, later)]);
    expect(report).toMatchObject({ read: 2, added: 0, unchanged: 0, changed: 1 });
    expect(report.bad).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/revoked/) }),
    ]);
    expect([office.record(a).status, office.record(b).status]).toEqual(["revoked", "good"]);
  });

  it("that is the sweep, signing the same anew: the import is done, on top of that", async () => {
    await office.import([row(a)]);
    office.now = office.clock() + 12 * 3_600;
    meanwhile(async () => {
      const sweep = new Sweep(office.desk);
      sweep.start();
      await until(() => office.record(a).producedAt === office.now, { what: "the sweep to sign" });
      await sweep.stop();
    });
    const swept = office.now;
    const report = await office.import([row(a, { notAfter: "2037-01-01T00:00:00Z" })]);
    office.now = undefined;
    expect(report).toEqual({ read: 1, added: 0, unchanged: 0, changed: 1, bad: [] });
    expect(office.record(a)).toMatchObject({
      notAfter: Date.UTC(2037, 0, 1) / 1000,
      producedAt: swept,
      hashes: ["sha1", "sha256"],
    });
    expect(counts()).toEqual({ good: 1, revoked: 0 });
  });

  it("that imports the same: each is added once, and counted once", async () => {
    const rows = serials(20, Number.parseInt(a, 16)).map((name) => row(name));
    const reports = await Promise.all([office.import(rows), office.import(rows)]);
    const sum = (field: "added" | "changed" | "unchanged"): number[] =>
      reports.map((report) => report[field]).sort((x, y) => x - y);
    expect([sum("added"), sum("changed"), sum("unchanged")]).toEqual([
      [0, 20],
      [0, 0],
      [0, 20],
    ]);
    expect(counts()).toMatchObject({ good: 20 });
  });

  it("that revokes what it adds as good in the same moment", async () => {
    meanwhile(() => office.import([row(a, revoked)]));
    const report = await office.import([row(a), row(b)]);
    expect(report).toMatchObject({ read: 2, added: 1, changed: 0, unchanged: 0 });
    expect(report.bad).toHaveLength(1);
    expect(office.record(a).status).toBe("revoked");
  });
});
