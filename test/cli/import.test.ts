import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mustRun, run } from "../support/run-program.ts";
import { goodCsv } from "../support/site.ts";
import { NODE, ROOT } from "../support/vouch-cli.ts";
import { makeBench } from "./bench.ts";
import { failure } from "./stand-in-authority.ts";

const bench = await makeBench();

/** Serial numbers 1000, 1001, … in hexadecimal. */
function serials(count: number): string[] {
  return Array.from({ length: count }, (_, i) => (0x1000 + i).toString(16));
}

function file(name: string, content: string): string {
  const path = join(bench.places.folder, name);
  writeFileSync(path, content);
  return path;
}

/** What was asked but for the look at the stats that follows an import. */
function batchesAsked(): typeof bench.authority.asked {
  return bench.authority.asked.filter(({ line }) => line !== "GET /stats");
}

describe("import", () => {
  it("sends sorted batches of at most 1,000, at most three at a time, and adds up", async () => {
    const csv = file("many.csv", goodCsv(serials(5500).toReversed()));
    bench.authority.together = 3;
    const first = await bench.vouch(["import", "gov-1", csv], { json: true });
    expect(first.json).toEqual({ read: 5500, added: 5500, unchanged: 0, changed: 0, bad: [] });
    const asked = batchesAsked();
    expect(asked.map(({ line }) => line)).toEqual(Array(6).fill("POST /import/gov-1"));
    expect(asked.map(({ body }) => body.rows.length)).toEqual([1000, 1000, 1000, 1000, 1000, 500]);
    expect(bench.authority.mostUnderWay).toBe(3);
    const sent = asked.flatMap(({ body }) => body.rows.map((row: { serialNumber: string }) => row));
    expect(sent.map(({ serialNumber }) => serialNumber)).toEqual(serials(5500));
    expect(asked[0]?.body).toMatchObject({ dryRun: false, by: expect.any(String) });
    const again = await bench.vouch(["import", "gov-1", csv]);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toBe("done: 5,500 read, 0 added, 0 changed, 5,500 unchanged, 0 bad\n");
  });

  it("reads certificates of a folder, whatever lies beside them, and warns of URLs once", async () => {
    const folder = join(bench.places.folder, "newcerts");
    mkdirSync(join(folder, "not-looked-into"), { recursive: true });
    for (const [i, { certificate }] of bench.first.leaves.entries()) {
      copyFileSync(certificate, join(folder, `${i}.pem`));
    }
    for (const serial of [77, 78]) withUrls(folder, serial);
    const ended = await bench.vouch(["import", "gov-1", folder]);
    expect(ended).toMatchObject({
      code: 0,
      stdout: "done: 4 read, 4 added, 0 changed, 0 unchanged, 0 bad\n",
    });
    expect(ended.stderr.match(/warning:/g)).toHaveLength(1);
    expect(ended.stderr).toContain("http://crl.example.vn/old.crl");
    expect(ended.stderr).not.toContain("gov-1.crl");
  });

  it("reads OpenSSL's index.txt by its content, and standard input", async () => {
    const index = await bench.vouch(["import", "gov-1", bench.first.index], { json: true });
    expect(index.json).toMatchObject({ read: 2, added: 2, bad: [] });
    const piped = await run(
      "sh",
      [
        "-c",
        `cat "$0" | "$1" src/vouch.js import gov-1 - -c "$2"`,
        bench.first.index,
        NODE,
        bench.places.config,
      ],
      { cwd: ROOT },
    );
    expect(piped.stdout).toBe("done: 2 read, 0 added, 0 changed, 2 unchanged, 0 bad\n");
  });

  it("imports the rest of what has bad lines, and names them in order", async () => {
    bench.authority.revoked.add("3");
    const csv = file("some.csv", goodCsv(["1", "zz", "3", "4"]));
    const text = await bench.vouch(["import", "gov-1", csv]);
    expect(text.code).toBe(1);
    expect(text.stdout).toBe("done: 4 read, 2 added, 0 changed, 0 unchanged, 2 bad\n");
    const lines = text.stderr.trimEnd().split("\n");
    expect(lines.map((line) => line.slice(csv.length, csv.length + 4))).toEqual([":3: ", ":4: "]);
    const json = await bench.vouch(["import", "gov-1", csv], { json: true });
    expect(json).toMatchObject({ code: 1, stderr: "" });
    expect(json.json.bad.map(({ line }: { line: number }) => line)).toEqual([3, 4]);
  });

  it("shows people fifty bad lines, and programs all", async () => {
    const csv = file("worse.csv", goodCsv(Array(70).fill("zz")));
    const text = await bench.vouch(["import", "gov-1", csv]);
    const lines = text.stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe("and 20 more");
    const json = await bench.vouch(["import", "gov-1", csv], { json: true });
    expect(json.json.bad).toHaveLength(70);
  });

  it("imports nothing with --strict and a bad line, found here or by the authority", async () => {
    bench.authority.revoked.add("3");
    const csv = file("strict.csv", goodCsv(["1", "zz", "3"]));
    const ended = await bench.vouch(["import", "gov-1", csv, "--strict"], { json: true });
    expect(ended.code).toBe(1);
    expect(ended.json).toMatchObject({ read: 3, added: 0, unchanged: 0, changed: 0 });
    expect(ended.json.bad).toHaveLength(2);
    expect(batchesAsked().map(({ body }) => body.dryRun)).toEqual([true]);
    expect(bench.authority.good.size).toBe(0);
  });

  it("imports with --strict what is good to the last line", async () => {
    const csv = file("fine.csv", goodCsv(["1", "2"]));
    const ended = await bench.vouch(["import", "gov-1", csv, "--strict"], { json: true });
    expect(ended).toMatchObject({ code: 0, json: { read: 2, added: 2 } });
    expect(batchesAsked().map(({ body }) => body.dryRun)).toEqual([true, false]);
  });

  it("says how far it came when the authority fails", async () => {
    const csv = file("halfway.csv", goodCsv(serials(9000)));
    let batches = 0;
    bench.authority.answers["POST /import/gov-1"] = () => {
      batches++;
      const full = { read: 1000, added: 1000, unchanged: 0, changed: 0, bad: [] };
      return batches > 2
        ? { status: 500, document: failure("internal", "disk full") }
        : { document: full };
    };
    const ended = await bench.vouch(["import", "gov-1", csv], { json: true });
    expect(ended.code).toBe(1);
    expect(ended.json.error.message).toMatch(/^disk full \(2000 of 9000 rows had been imported\)$/);
    expect(batches).toBeLessThanOrEqual(5);
  });

  it("refuses what it cannot read before it sends anything", async () => {
    const fine = file("fine.csv", goodCsv(["1"]));
    const missing = await bench.vouch(["import", "gov-1", fine, "no/such"], { json: true });
    expect(missing).toMatchObject({ code: 1, json: { error: { code: "badFile" } } });
    const unknown = await bench.vouch(["import", "gov-9", fine], { json: true });
    expect(unknown).toMatchObject({ code: 1, json: { error: { code: "unknownIssuer" } } });
    const format = await bench.vouch(["import", "gov-1", fine, "--format", "xml"], { json: true });
    expect(format).toMatchObject({ code: 2, json: { error: { code: "usage" } } });
    expect(bench.authority.asked).toEqual([]);
  });

  it("calls a file of no known format bad, and does the others", async () => {
    const odd = file("odd", "hello\n");
    const fine = file("fine.csv", goodCsv(["1"]));
    const ended = await bench.vouch(["import", "gov-1", odd, fine], { json: true });
    expect(ended).toMatchObject({ code: 1, json: { added: 1, bad: [{ file: odd, line: 1 }] } });
  });
});

/** A certificate of the first CA with one URL that is served and one that is not. */
function withUrls(folder: string, serial: number): void {
  const { folder: ca } = bench.first;
  const extensions =
    "crlDistributionPoints=URI:http://crl.example.vn/old.crl,URI:http://crl.example.vn/crl/gov-1.crl\n";
  writeFileSync(join(ca, "urls.cnf"), extensions);
  const out = join(folder, `urls-${serial}.pem`);
  const sign = [
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-set_serial",
    `${serial}`,
    "-extfile",
    "urls.cnf",
  ];
  mustRun("openssl", ["x509", "-req", "-in", "req.pem", ...sign, "-out", out], ca);
}
