import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImportRow } from "../../../src/authority/admin-import-types.ts";
import type { Parsed } from "../../../src/authority/import/parsed.ts";
import { sortImport } from "../../../src/authority/import/sort.ts";
import { parseSerialNumber } from "../../../src/x509/serial-number.ts";

const REVOKED: Partial<ImportRow> = {
  status: "revoked",
  reason: "keyCompromise",
  revocationDate: "2026-01-01T00:00:00Z",
};

function row(serialNumber: string, line: number, more: Partial<ImportRow> = {}): ImportRow {
  return {
    serialNumber,
    notAfter: "2027-01-01T00:00:00Z",
    status: "good",
    reason: null,
    revocationDate: null,
    invalidityDate: null,
    file: "index.txt",
    line,
    ...more,
  };
}

function register(...rows: ImportRow[]): Parsed {
  return { claims: "status", rows, bad: [] };
}

function certificates(...rows: ImportRow[]): Parsed {
  return { claims: "issuance", rows: rows.map((each) => ({ ...each, file: "c.pem" })), bad: [] };
}

test("rows stand in the order of their serial numbers' octets, from however many files", () => {
  const serial = fc
    .oneof(fc.bigInt({ min: 1n, max: 70_000n }), fc.bigInt({ min: 1n, max: 2n ** 160n - 1n }))
    .map((value) => value.toString(16));
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(serial)), (files) => {
      const unique = new Set(files.flat());
      const { rows, bad } = sortImport(files.map((all) => register(...all.map((s) => row(s, 1)))));
      const octets = rows.map((each) => Buffer.from(parseSerialNumber(each.serialNumber) ?? []));
      expect(octets).toEqual([...octets].sort(Buffer.compare));
      expect(new Set(rows.map((each) => each.serialNumber))).toEqual(unique);
      expect(rows).toHaveLength(unique.size);
      expect(bad).toEqual([]);
    }),
  );
});

test("bad lines of the files are kept", () => {
  const bad = [{ file: "f", line: 3, message: "m" }];
  expect(sortImport([{ claims: "status", rows: [], bad }, register(row("1", 1))]).bad).toEqual(bad);
});

describe("a serial number twice", () => {
  test("saying the same: one row, nothing bad", () => {
    const twice = register(row("a", 1, REVOKED), row("b", 2), row("a", 3, REVOKED));
    expect(sortImport([twice])).toEqual({ rows: [row("a", 1, REVOKED), row("b", 2)], bad: [] });
  });

  test.each([
    ["first", register(row("a", 1, REVOKED), row("a", 2)), 1, 2],
    ["last", register(row("a", 1), row("a", 2, REVOKED)), 2, 1],
  ])("good and revoked, revoked %s: revoked stays, the other is bad", (_, file, kept, lost) => {
    const { rows, bad } = sortImport([file]);
    expect(rows).toEqual([row("a", kept, REVOKED)]);
    const message = `serialNumber a stands twice: its status is good here and revoked in index.txt:${kept}, which was kept`;
    expect(bad).toEqual([{ file: "index.txt", line: lost, message }]);
  });

  test("hold gives way to revoked, and stays before good", () => {
    const hold = { ...REVOKED, status: "hold", reason: "certificateHold" } as const;
    const file = register(row("a", 1), row("a", 2, hold), row("b", 3, hold), row("b", 4, REVOKED));
    const { rows, bad } = sortImport([file]);
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(bad.map(({ line }) => line)).toEqual([1, 3]);
  });

  test.each([
    ["revocationDate", { revocationDate: "2026-01-02T00:00:00Z" }],
    ["reason", { reason: "superseded" as const }],
    ["invalidityDate", { invalidityDate: "2025-01-01T00:00:00Z" }],
    ["notAfter", { notAfter: "2028-01-01T00:00:00Z" }],
  ])("both revoked, another %s: the first stays", (field, change) => {
    const { rows, bad } = sortImport([
      register(row("a", 1, REVOKED), row("a", 2, { ...REVOKED, ...change })),
    ]);
    expect(rows).toEqual([row("a", 1, REVOKED)]);
    expect(bad).toMatchObject([{ line: 2, message: expect.stringContaining(`its ${field} is `) }]);
  });

  test("one without a notAfter takes the other's", () => {
    const file = register(row("a", 1, { ...REVOKED, notAfter: null }), row("a", 2, REVOKED));
    expect(sortImport([file])).toEqual({ rows: [row("a", 1, REVOKED)], bad: [] });
    const turned = register(row("a", 1, REVOKED), row("a", 2, { ...REVOKED, notAfter: null }));
    expect(sortImport([turned])).toEqual({ rows: [row("a", 1, REVOKED)], bad: [] });
  });

  test("three times: each one that is not kept is told", () => {
    const { rows, bad } = sortImport([register(row("a", 1), row("a", 2, REVOKED), row("a", 3))]);
    expect(rows).toEqual([row("a", 2, REVOKED)]);
    expect(bad.map(({ line }) => line)).toEqual([1, 3]);
  });
});

describe("a certificate beside a register's line", () => {
  test("gives way without an error, whichever comes first", () => {
    for (const status of [{}, REVOKED]) {
      const parts = [certificates(row("a", 9)), register(row("a", 1, status))];
      const expected = { rows: [row("a", 1, status)], bad: [] };
      expect(sortImport(parts)).toEqual(expected);
      expect(sortImport(parts.toReversed())).toEqual(expected);
    }
  });

  test("lends its notAfter to a line that has none", () => {
    const parts = [
      certificates(row("a", 9)),
      register(row("a", 1, { ...REVOKED, notAfter: null })),
    ];
    expect(sortImport(parts)).toEqual({ rows: [row("a", 1, REVOKED)], bad: [] });
  });

  test("lends its notBefore, which registers do not have", () => {
    const notBefore = "2026-01-01T00:00:00Z";
    const parts = [register(row("a", 1)), certificates(row("a", 9, { notBefore }))];
    expect(sortImport(parts)).toEqual({ rows: [row("a", 1, { notBefore })], bad: [] });
  });

  test("with another notAfter is bad", () => {
    const other = row("a", 9, { notAfter: "2030-01-01T00:00:00Z" });
    const { rows, bad } = sortImport([certificates(other), register(row("a", 1))]);
    expect(rows).toEqual([row("a", 1)]);
    expect(bad).toMatchObject([{ file: "c.pem", line: 9 }]);
  });
});
