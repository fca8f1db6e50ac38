import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeBench } from "./bench.ts";
import { failure } from "./stand-in-authority.ts";

const bench = await makeBench();

const REASON = ["--reason", "keyCompromise"];

describe("what revoke asks for", () => {
  it("sends serial numbers, reason, times, reference and the account", async () => {
    bench.authority.good.add("a1b2c");
    const ended = await bench.vouch(
      [
        ...["revoke", "gov-1", "0A:1B:2C", "--reason", "KEYcompromise", "--agency", "Bộ Nội vụ"],
        ...["--request", "118/CV", "--at", "2026-03-01T09:30:00+07:00"],
        ...["--invalidity-date", "2026-02-28t00:00:00.5z"],
      ],
      { env: { SUDO_USER: "" } },
    );
    expect(ended).toMatchObject({ code: 0, stdout: "done: 1 revoked (journal 1234)\n" });
    expect(bench.authority.asked).toEqual([
      {
        line: "POST /revoke",
        body: {
          issuer: "gov-1",
          serialNumbers: ["a1b2c"],
          reason: "keyCompromise",
          revocationDate: "2026-03-01T02:30:00Z",
          invalidityDate: "2026-02-28T00:00:00Z",
          request: "118/CV",
          agency: "Bộ Nội vụ",
          by: userInfo().username,
          dryRun: false,
        },
      },
    ]);
  });

  it("names the account behind sudo", async () => {
    await bench.vouch(["revoke", "gov-1", "01", ...REASON], { env: { SUDO_USER: "lan" } });
    expect(bench.authority.asked[0]?.body.by).toBe(`${userInfo().username} (sudo from lan)`);
  });

  it("knows an issuer whose name could be a serial number", async () => {
    await bench.vouch(["revoke", "cafe", "cafe", "0xCAFE", ...REASON]);
    expect(bench.authority.asked[0]?.body).toMatchObject({
      issuer: "cafe",
      serialNumbers: ["cafe"],
    });
  });

  it("finds the issuer of certificate files, PEM or DER, one request an issuer", async () => {
    const [leaf] = bench.first.leaves;
    const [other] = bench.second.leaves;
    const der = join(bench.places.folder, "leaf.der");
    const body = readFileSync(leaf?.certificate ?? "", "utf8").replace(/-----[^-]+-----|\s/g, "");
    writeFileSync(der, Buffer.from(body, "base64"));
    await bench.vouch(["revoke", der, other?.certificate ?? "", ...REASON]);
    expect(bench.authority.asked.map(({ body }) => [body.issuer, body.serialNumbers])).toEqual([
      ["gov-1", [leaf?.serialNumber]],
      ["cafe", [other?.serialNumber]],
    ]);
  });

  it("reads a list, and asks for at most 1,000 at a time", async () => {
    const list = join(bench.places.folder, "list.txt");
    const serials = Array.from({ length: 1500 }, (_, i) => (i + 16).toString(16));
    writeFileSync(list, `# left the ministry\n\n${serials.join(" # one\r\n")}\n10\n`);
    for (const serial of serials) bench.authority.good.add(serial);
    const ended = await bench.vouch(["revoke", "gov-1", "--file", list, ...REASON], { json: true });
    expect(ended.json).toMatchObject({ changed: 1500, refused: [], sequence: 1234 });
    expect(bench.authority.asked.map(({ body }) => body.serialNumbers.length)).toEqual([1000, 500]);
  });
});

describe("what revoke prints", () => {
  it("says when it was revoked already, and exits 0", async () => {
    bench.authority.revoked.add("1");
    bench.authority.answers["GET /certificates/gov-1/1"] = {
      document: { revocationDate: "2026-01-02T03:04:05Z", reason: "superseded" },
    };
    const ended = await bench.vouch(["revoke", "gov-1", "01", ...REASON]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toBe(
      "gov-1 1 was already revoked on 2026-01-02T03:04:05Z (superseded); nothing changed\n",
    );
  });

  it("says that it was revoked already when the date cannot be had", async () => {
    bench.authority.revoked.add("1");
    bench.authority.answers["GET /certificates/gov-1/1"] = "cut";
    expect(await bench.vouch(["revoke", "gov-1", "01", ...REASON])).toMatchObject({
      code: 0,
      stdout: "1 already revoked; nothing changed for them\n",
    });
  });

  it("does what it can, names what was refused, and exits 1", async () => {
    bench.authority.good.add("1").add("2");
    const text = await bench.vouch(["revoke", "gov-1", "1", "ff", ...REASON]);
    expect(text).toMatchObject({ code: 1, stdout: "done: 1 revoked (journal 1234)\n" });
    expect(text.stderr).toBe("refused: ff: was never imported\n");
    const json = await bench.vouch(["revoke", "gov-1", "1", "2", "ff", ...REASON], { json: true });
    expect(json).toMatchObject({ code: 1, stderr: "" });
    expect(json.json).toEqual({
      changed: 1,
      alreadyRevoked: 1,
      refused: [{ serialNumber: "ff", code: "unknownCertificate", message: "was never imported" }],
      unsigned: [],
      sequence: 1234,
    });
  });

  it("changes nothing in a dry run", async () => {
    bench.authority.good.add("1");
    const ended = await bench.vouch(["revoke", "gov-1", "1", "--dry-run", ...REASON]);
    expect(ended).toMatchObject({
      code: 0,
      stdout: "dry run: 1 would be revoked; nothing changed\n",
    });
    expect(bench.authority.good).toContain("1");
  });

  it("warns of what is recorded and not signed, and exits 0", async () => {
    bench.authority.answers["POST /revoke"] = {
      document: { changed: 1, alreadyRevoked: 0, refused: [], unsigned: ["1"], sequence: 7 },
    };
    const ended = await bench.vouch(["revoke", "gov-1", "1", ...REASON]);
    expect(ended).toMatchObject({ code: 0, stdout: "done: 1 revoked (journal 7)\n" });
    expect(ended.stderr).toContain("recorded, but not signed yet: 1");
  });

  it("tells what was done before a request failed", async () => {
    const list = join(bench.places.folder, "long.txt");
    writeFileSync(list, Array.from({ length: 1001 }, (_, i) => (i + 1).toString(16)).join("\n"));
    let requests = 0;
    bench.authority.answers["POST /revoke"] = () => {
      requests++;
      if (requests > 1) return { status: 500, document: failure("internal", "disk full") };
      return {
        document: { changed: 1000, alreadyRevoked: 0, refused: [], unsigned: [], sequence: 9 },
      };
    };
    const ended = await bench.vouch(["revoke", "gov-1", "--file", list, ...REASON], { json: true });
    expect(ended.code).toBe(1);
    expect(ended.json.error.message).toBe(
      "disk full (before that, 1000 were changed, the last as journal 9)",
    );
  });
});
