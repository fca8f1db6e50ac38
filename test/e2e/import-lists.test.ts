import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { untilOcspSays } from "../support/ocsp-client.ts";
import { oneIssuer } from "../support/one-issuer.ts";
import { aTime, expectRefusal } from "../support/shapes.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

const gov = await oneIssuer(7, "nothing");

function importFiles(...args: string[]): Promise<VouchEnded> {
  return gov.run("import", ...args);
}

describe("index.txt", () => {
  it("as `openssl ca` wrote it: V, R with reason and date, E; and again", async () => {
    gov.pki.revokeInIndex(gov.leaf(0), ["-crl_reason", "superseded"]);
    gov.pki.revokeInIndex(gov.leaf(1), []);
    const lines = readFileSync(gov.pki.index, "utf8").trimEnd().split("\n");
    const expired = "E\t200101000000Z\t\tABCDEF01\tunknown\t/CN=expired";
    const index = gov.file("index.txt", `${[...lines, expired].join("\n")}\n`);
    const done = await importFiles(index);
    expect(done.code).toBe(0);
    expect(done.json).toEqual({ read: 8, added: 8, unchanged: 0, changed: 0, bad: [] });
    expect(await gov.status(gov.serial(0))).toMatchObject({
      status: "revoked",
      reason: "superseded",
      revocationDate: aTime,
    });
    expect(await gov.status(gov.serial(1))).toMatchObject({ reason: "unspecified" });
    expect(await gov.status("abcdef01")).toMatchObject({ status: "expired", certStatus: "good" });
    await untilOcspSays(gov.url, gov.asks(gov.serial(0)), "revoked");
    const again = (await importFiles(index, "--format", "index")).json;
    expect(again).toEqual({ read: 8, added: 0, unchanged: 8, changed: 0, bad: [] });
  });

  it("R makes good revoked; V for a revoked record is bad, and undoes nothing", async () => {
    const valid = `V\t361231000000Z\t\t${gov.serial(2).toUpperCase()}\tunknown\t/CN=x\n`;
    const revoked = valid
      .replace("V\t", "R\t")
      .replace("Z\t\t", "Z\t261101000000Z,keyCompromise\t");
    expect((await importFiles(gov.file("r.txt", revoked), "--format", "index")).json).toMatchObject(
      {
        changed: 1,
        bad: [],
      },
    );
    await untilOcspSays(gov.url, gov.asks(gov.serial(2)), "revoked");
    const undo = await importFiles(gov.file("v.txt", valid), "--format", "index");
    expect(undo.code).toBe(1);
    expect(undo.json).toMatchObject({ changed: 0, bad: [{ line: 1 }] });
    expect(undo.json.bad[0].message).toMatch(/revoked/);
    expect(await gov.status(gov.serial(2))).toMatchObject({
      status: "revoked",
      reason: "keyCompromise",
    });
  });

  it("openssl's keyTime is a key compromise", async () => {
    const line = "R\t361231000000Z\t261101000000Z,keyTime,20261001000000Z\tAA01\tunknown\t/CN=x\n";
    expect((await importFiles(gov.file("k.txt", line), "--format", "index")).json.bad).toEqual([]);
    expect(await gov.status("aa01")).toMatchObject({ status: "revoked", reason: "keyCompromise" });
  });

  it("bad lines are named by number, and the rest goes in", async () => {
    const index = gov.file(
      "index.txt",
      [
        "V\t361231000000Z\t\tBB01\tunknown\t/CN=1",
        "this is no index line",
        "V\t361231000000Z\t\tBB02\tunknown\t/CN=2",
        "V\t361331000000Z\t\tBB03\tunknown\t/CN=month 13",
        "V\t361231000000Z\t\tXYZ\tunknown\t/CN=no serial number",
        "R\t361231000000Z\t261101000000Z,boredom\tBB04\tunknown\t/CN=no such reason",
        "X\t361231000000Z\t\tBB05\tunknown\t/CN=no such status",
        "",
      ].join("\n"),
    );
    const done = await importFiles(index, "--format", "index");
    expect(done.code).toBe(1);
    expect(done.json.added).toBe(2);
    expect(done.json.bad.map((bad: { line: number }) => bad.line)).toEqual([2, 4, 5, 6, 7]);
    for (const bad of done.json.bad) {
      expect(bad).toEqual({
        file: index,
        line: expect.any(Number),
        message: expect.stringMatching(/\S/),
      });
    }
    expect((await gov.status("bb02")).status).toBe("good");
  });

  it("--strict imports nothing when one line is bad", async () => {
    const index = gov.file("s.txt", "V\t361231000000Z\t\tCC01\tunknown\t/CN=1\nbad\n");
    const done = await importFiles(index, "--format", "index", "--strict");
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, changed: 0, bad: [{ line: 2 }] });
    expect((await gov.status("cc01")).status).toBe("unissued");
  });

  it("a serial number that comes twice in a file is one certificate", async () => {
    const line = "V\t361231000000Z\t\tCC02\tunknown\t/CN=1\n";
    const done = await importFiles(gov.file("twice.txt", line + line), "--format", "index");
    expect(done.json).toMatchObject({ added: 1 });
    expect((await gov.status("cc02")).status).toBe("good");
  });
});

describe("CSV", () => {
  it("columns in any order, unknown ones ignored; good, revoked, dates", async () => {
    const csv = gov.file(
      "a.csv",
      [
        "owner,status,serialNumber,reason,revocationDate,invalidityDate,notAfter",
        "Nguyễn,good,DD:01,,,,2036-12-31T00:00:00Z",
        '"Trần, B",revoked,0xdd02,keyCompromise,2026-11-01T01:02:03Z,2026-10-01T00:00:00Z,2036-12-31T00:00:00Z',
        "",
      ].join("\r\n"),
    );
    expect((await importFiles(csv)).json).toEqual({
      read: 2,
      added: 2,
      unchanged: 0,
      changed: 0,
      bad: [],
    });
    expect(await gov.status("dd01")).toMatchObject({ status: "good" });
    const revoked = await gov.status("dd02");
    expect(revoked).toMatchObject({ status: "revoked", reason: "keyCompromise" });
    expect(Date.parse(revoked.revocationDate ?? "")).toBe(Date.parse("2026-11-01T01:02:03Z"));
    expect(Date.parse(revoked.invalidityDate ?? "")).toBe(Date.parse("2026-10-01T00:00:00Z"));
  });

  it("bad lines are named by number; the header is line 1", async () => {
    const csv = gov.file(
      "b.csv",
      [
        "serialNumber,notAfter,status,revocationDate,reason",
        "ee01,2036-12-31T00:00:00Z,good,,",
        "ee02,2036-12-31T00:00:00Z,perhaps,,",
        "ee03,the end of days,good,,",
        ",2036-12-31T00:00:00Z,good,,",
        "",
      ].join("\n"),
    );
    const done = await importFiles(csv, "--format", "csv");
    expect(done.code).toBe(1);
    expect(done.json.added).toBe(1);
    expect(done.json.bad.map((bad: { line: number }) => bad.line)).toEqual([3, 4, 5]);
  });

  it("without a serialNumber column, or without a file, is refused with what to do", async () => {
    for (const path of [
      gov.file("c.csv", "serial,status\nee05,good\n"),
      join(gov.folder, "missing.csv"),
    ]) {
      const done = await importFiles(path, "--format", "csv");
      expect([1, 2]).toContain(done.code);
      if (done.json.error !== undefined) expectRefusal(done.json, "badFile");
      else expect(done.json.bad).not.toEqual([]);
    }
  });
});
