import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { makeBench } from "./bench.ts";

const bench = await makeBench();

const REASON = ["--reason", "keyCompromise"];

describe("what revoke refuses before it asks", () => {
  const cases: [string, string[], number, string, RegExp][] = [
    ["no reason", ["gov-1", "1"], 2, "usage", /--reason is required/],
    ["a misspelt reason", ["gov-1", "1", "--reason", "keyCompromised"], 2, "usage", /superseded/],
    [
      "certificateHold",
      ["gov-1", "1", "--reason", "certificatehold"],
      1,
      "reasonRefused",
      /vouch hold/,
    ],
    [
      "removeFromCRL",
      ["gov-1", "1", "--reason", "removeFromCRL"],
      1,
      "reasonRefused",
      /vouch release/,
    ],
    [
      "a time without a zone",
      ["gov-1", "1", "--at", "2026-03-01T09:30:00", ...REASON],
      1,
      "badTime",
      /zone/,
    ],
    [
      "February 30",
      ["gov-1", "1", "--at", "2026-02-30T00:00:00Z", ...REASON],
      1,
      "badTime",
      /RFC 3339/,
    ],
    [
      "a revocation to come",
      ["gov-1", "1", "--at", "2999-01-01T00:00:00Z", ...REASON],
      1,
      "badTime",
      /future/,
    ],
    [
      "an invalidity to come",
      ["gov-1", "1", "--invalidity-date", "2999-01-01T00:00:00Z", ...REASON],
      1,
      "badTime",
      /--invalidity-date.*future/,
    ],
    ["serial number zero", ["gov-1", "00:00", ...REASON], 2, "usage", /no serial number/],
    ["33 octets", ["gov-1", "7f".repeat(33), ...REASON], 2, "usage", /no serial number/],
    ["nothing named", [...REASON], 2, "usage", /no certificate is named/],
    ["an issuer alone", ["gov-1", ...REASON], 2, "usage", /no certificate is named/],
    ["a list without issuer", ["--file", "list", ...REASON], 2, "usage", /ISSUER/],
    ["an unknown issuer", ["gov-9", "1", ...REASON], 1, "unknownIssuer", /gov-1, cafe/],
    ["a serial number first", ["0a1b", ...REASON], 1, "unknownIssuer", /gov-1, cafe/],
    ["a file that is not there", ["gov-1", "./cafe", ...REASON], 1, "badFile", /\.\/cafe/],
    ["a file that is none", ["package.json", ...REASON], 1, "badFile", /no certificate/],
  ];
  for (const [name, args, code, word, says] of cases) {
    it(name, async () => {
      const ended = await bench.vouch(["revoke", ...args], { json: true });
      expect(ended.code).toBe(code);
      expect(ended.json.error.code).toBe(word);
      expect(`${ended.json.error.message} ${ended.json.error.do}`).toMatch(says);
      expect(bench.authority.asked).toEqual([]);
    });
  }

  it("a certificate of another issuer", async () => {
    const [leaf] = bench.second.leaves;
    const ended = await bench.vouch(["revoke", "gov-1", leaf?.certificate ?? "", ...REASON]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("was not issued by gov-1");
    expect(bench.authority.asked).toEqual([]);
  });

  it("a certificate by another key of the CA's name, without key identifiers", async () => {
    const other = makePki({ algorithm: "ec", name: "First CA", leaves: 0 });
    const leaf = ["-newkey", "ed25519", "-noenc", "-keyout", "l.key", "-subj", "/CN=leaf"];
    mustRun("openssl", ["req", "-new", ...leaf, "-out", "l.csr"], other.folder);
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "1"];
    mustRun("openssl", ["x509", "-req", "-in", "l.csr", ...ca, "-out", "l.pem"], other.folder);
    const file = join(other.folder, "l.pem");
    const named = await bench.vouch(["revoke", "gov-1", file, ...REASON], { json: true });
    const found = await bench.vouch(["revoke", file, ...REASON], { json: true });
    other.remove();
    expect([named.code, named.json.error.code]).toEqual([1, "badFile"]);
    expect([found.code, found.json.error.code]).toEqual([1, "unknownIssuer"]);
    expect(bench.authority.asked).toEqual([]);
  });

  it("a reference that is longer than the journal takes", async () => {
    for (const option of ["--request", "--agency"]) {
      const args = ["revoke", "gov-1", "1", ...REASON, option, "ộ".repeat(1_001)];
      const { code, json } = await bench.vouch(args, { json: true });
      expect([code, json.error.message]).toEqual([2, `${option} has 1,001 characters`]);
    }
    expect(bench.authority.asked).toEqual([]);
  });

  it("a file with two certificates", async () => {
    const { folder } = bench.first;
    writeFileSync(
      join(folder, "two.pem"),
      bench.first.leaves.map(({ certificate }) => readFileSync(certificate, "utf8")).join(""),
    );
    const ended = await bench.vouch(["revoke", join(folder, "two.pem"), ...REASON]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("holds 2 certificates, not one");
  });

  it("every bad line of a list, by number", async () => {
    const list = join(bench.places.folder, "bad.txt");
    writeFileSync(list, "01\nxyz\n# fine\n0\n02 03\n");
    const ended = await bench.vouch(["revoke", "gov-1", "--file", list, ...REASON]);
    expect(ended.code).toBe(2);
    for (const line of [2, 4, 5]) expect(ended.stderr).toContain(`${list}:${line}: `);
    expect(ended.stderr).not.toContain(`${list}:1: `);
    expect(bench.authority.asked).toEqual([]);
  });
});
