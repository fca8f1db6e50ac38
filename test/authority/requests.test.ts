import { describe, expect, it } from "vitest";
import { Refused } from "../../src/authority/refused.ts";
import { readImportBatch, readIssueRequest } from "../../src/authority/requests.ts";
import { row, serials } from "./office.ts";

describe("a batch that asks for nonsense is refused before anything is looked up", () => {
  const batch = (rows: readonly unknown[]): object => ({ rows, by: "test", dryRun: false });

  it.each([
    ["two rows of one certificate", [row("0a"), row("A")]],
    ["rows out of order", [row("a2"), row("a1")]],
    ["more rows than a batch has", serials(1001).map((name) => row(name))],
    ["no serial number", [row("xyz")]],
    ["a time that is none", [row("a1", { notAfter: "yesterday" })]],
    ["a status that is none", [{ ...row("a1"), status: "unknown" }]],
    ["an unknown member", [{ ...row("a1"), more: 1 }]],
  ])("%s", (_, rows) => {
    expect(() => readImportBatch(batch(rows))).toThrow(Refused);
  });

  it("and a whole one in order is read", () => {
    const sorted = ["80", "ff00", "01", "100", "7f"].map((name) => row(name));
    expect(readImportBatch(batch(sorted)).rows).toEqual(sorted);
  });
});

describe("a request to overrule the gate", () => {
  it("has a reason that says something", () => {
    const asked = { by: "test", kinds: "all", force: " why ", ends: "inTime" };
    expect(readIssueRequest(asked).force).toBe("why");
    expect(() => readIssueRequest({ ...asked, force: " " })).toThrow(Refused);
  });
});
