import { describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import type { CertificateStatus, Stats } from "../../src/authority/admin-types.ts";
import { vouch } from "../support/vouch-cli.ts";
import { writeVouchFile } from "../support/vouch-file.ts";
import { makeBench } from "./bench.ts";
import { failure } from "./stand-in-authority.ts";

const bench = await makeBench();

const revoked: CertificateStatus = {
  issuer: "gov-1",
  serialNumber: "a1b2c",
  status: "revoked",
  certStatus: "revoked",
  reason: "keyCompromise",
  revocationDate: "2026-03-01T02:30:00Z",
  invalidityDate: null,
  notAfter: "2030-01-01T00:00:00Z",
  answers: [
    {
      hash: "sha1",
      signer: "5f",
      thisUpdate: "2026-03-01T02:25:00Z",
      nextUpdate: "2026-03-02T02:25:00Z",
    },
  ],
};

const crl: PublishedCRL = {
  issuer: "gov-1",
  scope: "full",
  crlNumber: "1772332200000",
  baseCRLNumber: null,
  thisUpdate: "2026-03-01T02:30:00Z",
  nextUpdate: "2026-03-03T02:30:00Z",
  entries: 1234,
  bytes: 45678,
  sha256: "ab",
  file: "/srv/vouch/var/crl/gov-1.crl",
  refused: null,
};

describe("status", () => {
  it("lists what is known, aligned, without what is absent", async () => {
    bench.authority.answers["GET /certificates/gov-1/a1b2c"] = { document: revoked };
    const ended = await bench.vouch(["status", "gov-1", "00:0A:1B:2C"]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toBe(
      [
        "issuer         gov-1",
        "serial number  a1b2c",
        "status         revoked",
        "OCSP says      revoked",
        "reason         keyCompromise",
        "revoked        2026-03-01T02:30:00Z",
        "expires        2030-01-01T00:00:00Z",
        "answer sha1    2026-03-01T02:25:00Z to 2026-03-02T02:25:00Z, signer 5f",
        "",
      ].join("\n"),
    );
  });

  it("prints the document as it came, also for a certificate file", async () => {
    const [leaf] = bench.first.leaves;
    const path = `GET /certificates/gov-1/${leaf?.serialNumber}`;
    bench.authority.answers[path] = { document: revoked };
    const ended = await bench.vouch(["status", leaf?.certificate ?? ""], { json: true });
    expect(ended.json).toEqual(revoked);
  });

  it("is about one certificate", async () => {
    for (const names of [["gov-1"], ["gov-1", "1", "2"]]) {
      const ended = await bench.vouch(["status", ...names], { json: true });
      expect(ended).toMatchObject({ code: 2, json: { error: { code: "usage" } } });
    }
    expect(bench.authority.asked).toEqual([]);
  });

  it("ends with the authority's own error", async () => {
    bench.authority.answers["GET /certificates/gov-1/1"] = {
      status: 404,
      document: failure("unknownCertificate", "gov-1 has no certificate 1"),
    };
    const json = await bench.vouch(["status", "gov-1", "1"], { json: true });
    expect(json).toMatchObject({ code: 1, stderr: "" });
    expect(json.json).toEqual(failure("unknownCertificate", "gov-1 has no certificate 1"));
    const text = await bench.vouch(["status", "gov-1", "1"]);
    expect(text.stderr).toBe(
      "error: gov-1 has no certificate 1\n  what to do about unknownCertificate\n",
    );
  });
});

describe("crl", () => {
  const delta = { ...crl, scope: "delta", baseCRLNumber: "1772288900000", entries: 2 };
  const shards = [0, 1, 2].map((shard) => ({ ...crl, scope: `shard-${shard}` }));

  it("issues them, and says who asked for which", async () => {
    bench.authority.answers["POST /crls/gov-1"] = { document: [crl, delta, ...shards] };
    const text = await bench.vouch(["crl", "issue", "gov-1"]);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain("gov-1 full CRL 1772332200000, 1,234 entries, 45,678 bytes");
    expect(text.stdout).toContain("gov-1 delta CRL 1772332200000, 2 entries");
    expect(text.stdout).toMatch(/done: 3 shards\n$/);
    const asked = { kinds: "all", force: null, ends: "inTime" };
    expect(bench.authority.asked[0]?.body).toEqual({ by: expect.any(String), ...asked });
    const json = await bench.vouch(["crl", "issue", "gov-1"], { json: true });
    expect(json.json).toEqual(crl);
  });

  it("asks for the delta alone, the last ones, and against the gate with a reason", async () => {
    bench.authority.answers["POST /crls/gov-1"] = { document: [delta] };
    await bench.vouch(["crl", "issue", "gov-1", "--delta"]);
    expect(bench.authority.asked[0]?.body).toMatchObject({ kinds: "delta" });
    await bench.vouch(["crl", "issue", "gov-1", "--final", "--force", "the CA ends"]);
    expect(bench.authority.asked[1]?.body).toMatchObject({ ends: "last", force: "the CA ends" });
    const both = await bench.vouch(["crl", "issue", "gov-1", "--final", "--delta"]);
    expect(both).toMatchObject({ code: 2, stdout: "" });
    const why = await bench.vouch(["crl", "issue", "gov-1", "--force", " "], { json: true });
    expect([why.code, why.json.error.message]).toEqual([
      2,
      expect.stringMatching(/needs a reason/),
    ]);
    expect(bench.authority.asked).toHaveLength(2);
  });

  it("exits 1 with the document when a CRL was refused", async () => {
    const refused = { ...crl, refused: "CRLNumber does not rise" };
    bench.authority.answers["POST /crls/gov-1"] = { document: [refused] };
    const json = await bench.vouch(["crl", "issue", "gov-1"], { json: true });
    expect(json).toMatchObject({ code: 1, json: refused });
    const text = await bench.vouch(["crl", "issue", "gov-1"]);
    expect(text).toMatchObject({ code: 1, stdout: "" });
    expect(text.stderr).toContain("CRLNumber does not rise");
  });

  it("exits 1 with its document when one of several was refused", async () => {
    const refused = { ...shards[1], refused: "entries" };
    bench.authority.answers["POST /crls/gov-1"] = { document: [crl, refused] };
    const json = await bench.vouch(["crl", "issue", "gov-1"], { json: true });
    expect(json).toMatchObject({ code: 1, json: refused });
  });

  it("lists them in columns", async () => {
    bench.authority.answers["GET /crls"] = {
      document: [crl, { ...crl, issuer: "cafe", entries: 5 }],
    };
    const ended = await bench.vouch(["crl", "list"]);
    const [head = "", first = "", second = ""] = ended.stdout.split("\n");
    expect(head).toMatch(/^ISSUER +SCOPE +NUMBER +THIS UPDATE +NEXT UPDATE +ENTRIES +BYTES +FILE$/);
    expect(first.indexOf("1,234") + 5).toBe(second.indexOf(" 5 ") + 2);
    expect(first.indexOf("/srv")).toBe(head.indexOf("FILE"));
  });

  it("lists those of one issuer", async () => {
    bench.authority.answers["GET /crls?issuer=cafe"] = { document: [] };
    const json = await bench.vouch(["crl", "list", "cafe"], { json: true });
    expect(json).toMatchObject({ code: 0, json: [] });
    const text = await bench.vouch(["crl", "list", "cafe"]);
    expect(text.stdout).toBe("no CRL has been published yet\n");
  });
});

describe("stats", () => {
  const stats: Stats = {
    version: "0.1.0",
    startedAt: "2026-03-01T00:00:00Z",
    sequence: 4321,
    storeBytes: 1048576,
    sweepPosition: 0.25,
    warnings: ["signing is stopped since 2026-03-01T00:00:00Z: planted; do this"],
    issuers: [
      {
        issuer: "gov-1",
        records: { good: 150000, revoked: 3, hold: 0, expired: 7 },
        unsigned: 0,
        oldestAnswerAgeSeconds: 3600,
        earliestNextUpdate: "2026-03-02T00:00:00Z",
        signer: { serialNumber: "5f", notAfter: "2027-01-01T00:00:00Z" },
        crl,
      },
      {
        issuer: "cafe",
        records: { good: 0, revoked: 0, hold: 0, expired: 0 },
        unsigned: 0,
        oldestAnswerAgeSeconds: null,
        earliestNextUpdate: null,
        signer: null,
        crl: null,
      },
    ],
  };

  it("prints the daemon and a line an issuer", async () => {
    bench.authority.answers["GET /stats"] = { document: stats };
    const { stdout, code } = await bench.vouch(["stats"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning: signing is stopped since .*: planted; do this$/m);
    expect(stdout).toMatch(/^sweep +25\.0 %$/m);
    expect(stdout).toMatch(/^gov-1 +150,000 +3 +0 +7 +0 +3,600 s +2026-03-02/m);
    expect(stdout).toMatch(/^cafe +0 +0 +0 +0 +0 +- +- +- +- +-$/m);
    const json = await bench.vouch(["stats"], { json: true });
    expect(json.json).toEqual(stats);
  });
});

describe("reload", () => {
  it("asks, and prints an empty document", async () => {
    const ended = await bench.vouch(["reload"], { json: true });
    expect(ended).toMatchObject({ code: 0, json: {} });
    expect(bench.authority.asked).toEqual([
      { line: "POST /reload", body: { by: expect.any(String) } },
    ]);
  });

  it("exits 2 when the authority refuses the file", async () => {
    bench.authority.answers["POST /reload"] = {
      status: 409,
      document: failure("configuration", "ops changes by restart only"),
    };
    expect(await bench.vouch(["reload"])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("a bad configuration", () => {
  it("is told whole, a line each, and exits 2", async () => {
    const config = `${bench.places.folder}/bad.yaml`;
    writeVouchFile(config, "dta: var\nresponders: many\nissuers: [{ name: a }]\n");
    const text = await vouch(["stats"], { config });
    expect(text).toMatchObject({ code: 2, stdout: "" });
    const lines = text.stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(6);
    lines.forEach((line, i) => {
      if (i % 2 === 0) expect(line).toMatch(/^\S.*: /);
      else expect(line).toMatch(/^ {2}\S/);
    });
    const json = await vouch(["stats"], { config, json: true });
    expect(json).toMatchObject({ code: 2, stderr: "" });
    expect(json.json.error.code).toBe("configuration");
    for (const key of ["dta", "responders", "issuers[0].certificate"]) {
      expect(json.json.error.message).toContain(key);
    }
  });

  it("that is not there names the command that makes one", async () => {
    const ended = await vouch(["stats"], { config: "/no/such.yaml", json: true });
    expect(ended.code).toBe(2);
    expect(ended.json.error.do).toContain("vouch init");
  });
});
