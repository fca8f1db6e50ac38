import { describe, expect, it } from "vitest";
import { Refused } from "../../src/authority/refused.ts";
import {
  readHoldRequest,
  readImportBatch,
  readIssueRequest,
  readRevokeRequest,
} from "../../src/authority/requests.ts";
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

describe("the times of a revocation", () => {
  const hold = {
    ...{ issuer: "gov-1", serialNumbers: ["a1"], request: null, agency: null },
    ...{ by: "test", dryRun: true, revocationDate: null },
  };
  const revoke = { ...hold, reason: "superseded", invalidityDate: null };
  const now = 1_795_000_000;
  const badTime = expect.objectContaining({ code: "badTime" });

  it.each([
    ["before 1970, which no record holds", "1969-12-31T23:59:59Z"],
    ["ahead", "2026-11-19T00:00:00Z"],
  ])("are not %s", (_, at) => {
    expect(() => readRevokeRequest({ ...revoke, revocationDate: at }, now)).toThrow(badTime);
    expect(() => readRevokeRequest({ ...revoke, invalidityDate: at }, now)).toThrow(badTime);
    expect(() => readHoldRequest({ ...hold, revocationDate: at }, now)).toThrow(badTime);
  });

  it("may be the first second of 1970, or this one", () => {
    for (const at of ["1970-01-01T00:00:00Z", "2026-11-18T11:06:40Z"]) {
      const asked = { ...revoke, revocationDate: at, invalidityDate: at };
      expect(readRevokeRequest(asked, now)).toEqual(asked);
    }
  });
});
