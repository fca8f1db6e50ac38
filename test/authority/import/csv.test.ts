import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv } from "../../../src/authority/import/csv.ts";
import type { Parsed } from "../../../src/authority/import/parsed.ts";
import { rfc3339 } from "../../../src/der/time.ts";
import { REVOCATION_REASONS } from "../../../src/x509/reason.ts";

const NOW = Date.parse("2026-07-01T12:00:00Z") / 1000;
const HEADER = "serialNumber,notAfter,status,revocationDate,reason,invalidityDate";
const COLUMNS = `${HEADER},notBefore`;

function read(text: string): Parsed {
  return readCsv("list.csv", Buffer.from(text), NOW);
}

describe("what is written is read", () => {
  const past = fc.integer({ min: 0, max: NOW }).map(rfc3339);
  const base = {
    serialNumber: fc.bigInt({ min: 1n, max: 2n ** 159n }).map((serial) => serial.toString(16)),
    notAfter: fc.option(fc.integer({ min: 0, max: 4e9 }).map(rfc3339)),
    notBefore: fc.option(fc.integer({ min: 0, max: 4e9 }).map(rfc3339), { nil: undefined }),
  };
  const good = fc.record({
    ...base,
    status: fc.constant("good"),
    reason: fc.constant(null),
    revocationDate: fc.constant(null),
    invalidityDate: fc.constant(null),
  });
  const revoked = fc.record({
    ...base,
    status: fc.constant("revoked"),
    reason: fc.constantFrom(...REVOCATION_REASONS),
    revocationDate: past,
    invalidityDate: fc.option(past),
  });
  const hold = fc.record({
    ...base,
    status: fc.constant("hold"),
    reason: fc.constant("certificateHold"),
    revocationDate: past,
    invalidityDate: fc.option(past),
  });
  const columns = fc.shuffledSubarray([...COLUMNS.split(","), "agency", "note"], { minLength: 9 });
  const noise = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", "ữ", " ") });

  test("in any order of columns, quoted or not, among columns nobody knows", () => {
    const rows = fc.array(fc.oneof(good, revoked, hold), { maxLength: 20 });
    fc.assert(
      fc.property(
        rows,
        columns,
        noise,
        fc.boolean(),
        fc.constantFrom("\n", "\r\n"),
        (all, order, note, quotes, end) => {
          const quote = (text: string): string =>
            quotes || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const lines = all.map((row) => {
            const cells: Record<string, string | null | undefined> = {
              ...row,
              agency: "Bộ Tài chính",
              note,
            };
            return order.map((column) => quote(cells[column] ?? "")).join(",");
          });
          const parsed = read([order.map(quote).join(","), ...lines].join(end) + end);
          expect(parsed.bad).toEqual([]);
          expect(parsed.rows.map(({ file, line, ...row }) => row)).toEqual(all);
        },
      ),
    );
  });

  test("serial numbers with colons, capitals, 0x; other zones; words in any case; spaces around", () => {
    const text = `${HEADER}\n 0x0A:1B ,2027-01-01T07:00:00+07:00, Revoked,2026-01-01T00:00:00.5Z,KEYCOMPROMISE,\n`;
    expect(read(text)).toEqual({
      claims: "status",
      rows: [
        {
          serialNumber: "a1b",
          notAfter: "2027-01-01T00:00:00Z",
          status: "revoked",
          reason: "keyCompromise",
          revocationDate: "2026-01-01T00:00:00Z",
          invalidityDate: null,
          file: "list.csv",
          line: 2,
        },
      ],
      bad: [],
    });
  });

  test("a byte order mark, two columns only, blank lines, headers in another case", () => {
    const { rows, bad } = read("\uFEFFSERIALNUMBER,Status\r\n\r\n0A,good");
    expect(bad).toEqual([]);
    expect(rows).toMatchObject([{ serialNumber: "a", notAfter: null, line: 3 }]);
  });

  test("revoked without a reason is unspecified; with certificateHold it is a hold", () => {
    const date = "2026-01-01T00:00:00Z";
    const { rows } = read(
      `${HEADER}\n1,,revoked,${date},,\n2,,revoked,${date},certificateHold,\n3,,hold,${date},,\n`,
    );
    expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
      ["revoked", "unspecified"],
      ["hold", "certificateHold"],
      ["hold", "certificateHold"],
    ]);
  });

  test("lines are counted through line ends inside quotes", () => {
    const { rows } = read('note,serialNumber,status\n"a\n\nb",1,good\n,2,good\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });
});

describe("a header that cannot be used is one error", () => {
  const table: [string, string, number, string][] = [
    [
      "no status",
      "serialNumber,notAfter\n1,\n2,\n",
      1,
      'lacks the column status: it is "serialNumber,notAfter"',
    ],
    ["nothing of it", "\n\n1,good\n2,good\n", 3, "lacks the columns serialNumber and status"],
    ["semicolons", "serialNumber;status\n1;good\n", 1, "separate columns with commas"],
    ["a column twice", "serialNumber,status,Status\n1,good,good\n", 1, "the column status twice"],
    ["a bad quote", 'serialNumber,"status\n1,good\n', 1, "a quote is opened here and never closed"],
    ["an empty file", "", 1, `no header: expected ${COLUMNS}`],
  ];
  test.each(table)("%s", (_, text, line, message) => {
    const { rows, bad } = read(text);
    expect(rows).toEqual([]);
    expect(bad).toEqual([{ file: "list.csv", line, message: expect.stringContaining(message) }]);
  });
});

describe("a bad line is told by its number, and the rest goes in", () => {
  const table: [string, string, string][] = [
    ["a field too few", "2,,good,,", "5 fields where the header has 6"],
    ["a field too many", "2,,good,,,,", "7 fields where the header has 6"],
    ["another status", "2,,valid,,,", 'status "valid" is not good, revoked or hold'],
    ["no status", "2,,,,,", 'status "" is not good, revoked or hold'],
    ["no serial number", ",,good,,,", "there is no serialNumber"],
    [
      "a spreadsheet's serial number",
      "1.23E+15,,good,,,",
      'serialNumber "1.23E+15" is not a positive',
    ],
    [
      "another time",
      "2,2027-01-01,good,,,",
      'notAfter "2027-01-01" is not a time: expected RFC 3339',
    ],
    [
      "revoked without a date",
      "2,,revoked,,,",
      "status is revoked, but there is no revocationDate",
    ],
    ["hold without a date", "2,,hold,,,", "status is hold, but there is no revocationDate"],
    ["a date in the future", "2,,revoked,2026-07-01T12:00:01Z,,", "is in the future"],
    [
      "invalid in the future",
      "2,,revoked,2026-01-01T00:00:00Z,,2027-01-01T00:00:00Z",
      "invalidityDate 2027-01-01T00:00:00Z is in the future",
    ],
    [
      "another reason",
      "2,,revoked,2026-01-01T00:00:00Z,stolen,",
      'reason "stolen" is none of RFC 5280\'s',
    ],
    [
      "good with a date",
      "2,,good,2026-01-01T00:00:00Z,,",
      "status is good, but there is a revocationDate",
    ],
    ["good with a reason", "2,,good,,superseded,", "status is good, but there is a reason"],
    [
      "hold for another reason",
      "2,,hold,2026-01-01T00:00:00Z,superseded,",
      "status is hold, but the reason is superseded",
    ],
    ["text after a quote", '"2"x,,good,,,', "field 1 is not quoted as RFC 4180 has it"],
    ["a quote in the middle", '2,,go"o"d,,,', "field 3 is not quoted as RFC 4180 has it"],
  ];
  test.each(table)("%s", (_, text, message) => {
    const { rows, bad } = read(`${HEADER}\n1,,good,,,\n${text}\n3,,good,,,\n`);
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(bad).toEqual([{ file: "list.csv", line: 3, message: expect.stringContaining(message) }]);
  });

  test("a quote that is never closed spoils its own line only", () => {
    const { rows, bad } = read(`${HEADER}\n1,,"good,,,\n2,,good,,,\n3,,"good",,,\n`);
    expect(rows.map(({ line }) => line)).toEqual([3, 4]);
    expect(bad).toMatchObject([{ line: 2, message: "a quote is opened here and never closed" }]);
  });
});
