import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { ocspRequest, untilOcspSays } from "../support/ocsp-client.ts";
import { type Leaf, makePki, type Pki } from "../support/openssl-pki.ts";
import { aTime, expectRefusal } from "../support/shapes.ts";
import { prepareSite, type Site } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

let pki: Pki;
let site: Omit<Site, "daemon">;
let daemon: Daemon;
let folder: string;
let folders = 0;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 7 });
  site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
  daemon = await startDaemon(site.places);
});

afterAll(async () => {
  await daemon?.stop().finally(() => site.close());
});

beforeEach(() => {
  folder = join(site.places.folder, `import-${folders++}`);
  mkdirSync(folder);
});

function leaf(number: number): Leaf {
  const found = pki.leaves[number];
  if (found === undefined) throw new Error(`no leaf ${number}`);
  return found;
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function importFiles(...args: string[]): Promise<VouchEnded> {
  return site.vouch(["import", "gov-1", ...args], { json: true });
}

async function status(serialNumber: string): Promise<CertificateStatus> {
  return (await site.vouch(["status", "gov-1", serialNumber], { json: true })).json;
}

describe("index.txt", () => {
  it("as `openssl ca` wrote it: V, R with reason and date, E; and again", async () => {
    pki.revokeInIndex(leaf(0), ["-crl_reason", "superseded"]);
    pki.revokeInIndex(leaf(1), []);
    const lines = readFileSync(pki.index, "utf8").trimEnd().split("\n");
    const expired = "E\t200101000000Z\t\tABCDEF01\tunknown\t/CN=expired";
    const index = file("index.txt", `${[...lines, expired].join("\n")}\n`);
    const done = await importFiles(index);
    expect(done.code).toBe(0);
    expect(done.json).toEqual({ read: 8, added: 8, unchanged: 0, changed: 0, bad: [] });
    expect(await status(leaf(0).serialNumber)).toMatchObject({
      status: "revoked",
      reason: "superseded",
      revocationDate: aTime,
    });
    expect(await status(leaf(1).serialNumber)).toMatchObject({ reason: "unspecified" });
    expect(await status("abcdef01")).toMatchObject({ status: "expired", certStatus: "good" });
    await untilOcspSays(daemon.url, ocspRequest(pki, leaf(0).serialNumber), "revoked");
    const again = (await importFiles(index, "--format", "index")).json;
    expect(again).toEqual({ read: 8, added: 0, unchanged: 8, changed: 0, bad: [] });
  });

  it("R makes good revoked; V for a revoked record is bad, and undoes nothing", async () => {
    const valid = `V\t361231000000Z\t\t${leaf(2).serialNumber.toUpperCase()}\tunknown\t/CN=x\n`;
    const revoked = valid
      .replace("V\t", "R\t")
      .replace("Z\t\t", "Z\t261101000000Z,keyCompromise\t");
    expect((await importFiles(file("r.txt", revoked), "--format", "index")).json).toMatchObject({
      changed: 1,
      bad: [],
    });
    await untilOcspSays(daemon.url, ocspRequest(pki, leaf(2).serialNumber), "revoked");
    const undo = await importFiles(file("v.txt", valid), "--format", "index");
    expect(undo.code).toBe(1);
    expect(undo.json).toMatchObject({ changed: 0, bad: [{ line: 1 }] });
    expect(undo.json.bad[0].message).toMatch(/revoked/);
    expect(await status(leaf(2).serialNumber)).toMatchObject({
      status: "revoked",
      reason: "keyCompromise",
    });
  });

  it("openssl's keyTime is a key compromise", async () => {
    const line = "R\t361231000000Z\t261101000000Z,keyTime,20261001000000Z\tAA01\tunknown\t/CN=x\n";
    expect((await importFiles(file("k.txt", line), "--format", "index")).json.bad).toEqual([]);
    expect(await status("aa01")).toMatchObject({ status: "revoked", reason: "keyCompromise" });
  });

  it("bad lines are named by number, and the rest goes in", async () => {
    const index = file(
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
    expect((await status("bb02")).status).toBe("good");
  });

  it("--strict imports nothing when one line is bad", async () => {
    const index = file("s.txt", "V\t361231000000Z\t\tCC01\tunknown\t/CN=1\nbad\n");
    const done = await importFiles(index, "--format", "index", "--strict");
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, changed: 0, bad: [{ line: 2 }] });
    expect((await status("cc01")).status).toBe("unissued");
  });

  it("a serial number that comes twice in a file is one certificate", async () => {
    const line = "V\t361231000000Z\t\tCC02\tunknown\t/CN=1\n";
    const done = await importFiles(file("twice.txt", line + line), "--format", "index");
    expect(done.json).toMatchObject({ added: 1 });
    expect((await status("cc02")).status).toBe("good");
  });
});

describe("CSV", () => {
  it("columns in any order, unknown ones ignored; good, revoked, dates", async () => {
    const csv = file(
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
    expect(await status("dd01")).toMatchObject({ status: "good" });
    const revoked = await status("dd02");
    expect(revoked).toMatchObject({ status: "revoked", reason: "keyCompromise" });
    expect(Date.parse(revoked.revocationDate ?? "")).toBe(Date.parse("2026-11-01T01:02:03Z"));
    expect(Date.parse(revoked.invalidityDate ?? "")).toBe(Date.parse("2026-10-01T00:00:00Z"));
  });

  it("bad lines are named by number; the header is line 1", async () => {
    const csv = file(
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
    for (const path of [file("c.csv", "serial,status\nee05,good\n"), join(folder, "missing.csv")]) {
      const done = await importFiles(path, "--format", "csv");
      expect([1, 2]).toContain(done.code);
      if (done.json.error !== undefined) expectRefusal(done.json, "badFile");
      else expect(done.json.bad).not.toEqual([]);
    }
  });
});
