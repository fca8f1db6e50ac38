import { describe, expect, it } from "vitest";
import { makeBench } from "./bench.ts";

const bench = await makeBench();

const NONE = { changed: 0, alreadyRevoked: 0, refused: [], unsigned: [], sequence: null };

/** Answers one request with this report. */
function reports(verb: "hold" | "release", report: object): void {
  bench.authority.answers[`POST /${verb}`] = { document: { ...NONE, ...report } };
}

describe("vouch hold", () => {
  it("asks with its time, reference and agency, and says what was done", async () => {
    reports("hold", { changed: 2, sequence: 9 });
    const ended = await bench.vouch(
      [
        ...["hold", "gov-1", "0A:1B", "0x1c", "--at", "2026-03-01T09:30:00+07:00"],
        ...["--request", "119/CV", "--agency", "Bộ Nội vụ"],
      ],
      { env: { SUDO_USER: "" } },
    );
    expect(ended).toMatchObject({ code: 0, stdout: "done: 2 put on hold (journal 9)\n" });
    expect(bench.authority.asked[0]?.body).toMatchObject({
      issuer: "gov-1",
      serialNumbers: ["a1b", "1c"],
      revocationDate: "2026-03-01T02:30:00Z",
      request: "119/CV",
      agency: "Bộ Nội vụ",
      dryRun: false,
    });
    expect(bench.authority.asked[0]?.body).not.toHaveProperty("reason");
  });

  it("says which were on hold already", async () => {
    reports("hold", { changed: 1, sequence: 9 });
    const { code, stdout } = await bench.vouch(["hold", "gov-1", "1", "2", "3"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "done: 1 put on hold (journal 9)\n2 already on hold; nothing changed for them\n",
    });
  });

  it("says of one that is revoked since when", async () => {
    reports("hold", { alreadyRevoked: 1 });
    bench.authority.answers["GET /certificates/gov-1/1"] = {
      document: { revocationDate: "2026-01-02T03:04:05Z", reason: "superseded" },
    };
    expect(await bench.vouch(["hold", "gov-1", "1"])).toMatchObject({
      code: 0,
      stdout: "gov-1 1 was already revoked on 2026-01-02T03:04:05Z (superseded); nothing changed\n",
    });
  });

  it("takes no time that lies ahead", async () => {
    const ended = await bench.vouch(["hold", "gov-1", "1", "--at", "2090-01-01T00:00:00Z"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("--at: 2090-01-01T00:00:00Z is in the future");
    expect(bench.authority.asked).toEqual([]);
  });
});

describe("vouch release", () => {
  it("asks for no more than who and why", async () => {
    reports("release", { changed: 1, sequence: 10 });
    const ended = await bench.vouch(["release", "gov-1", "1", "--request", "120/CV"]);
    expect(ended).toMatchObject({ code: 0, stdout: "done: 1 released (journal 10)\n" });
    expect(Object.keys(bench.authority.asked[0]?.body).sort()).toEqual(
      ["issuer", "serialNumbers", "request", "agency", "by", "dryRun"].sort(),
    );
  });

  it("counts what is refused since it is revoked once, and exits 1", async () => {
    const refused = [{ serialNumber: "2", code: "alreadyRevoked", message: "it is revoked" }];
    reports("release", { changed: 1, alreadyRevoked: 1, refused, sequence: 10 });
    const { code, stdout, stderr } = await bench.vouch(["release", "gov-1", "1", "2", "3"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "refused: 2: it is revoked\n" });
    expect(stdout).toBe(
      [
        "done: 1 released (journal 10)",
        "1 not on hold; nothing changed for them",
        "1 already revoked; nothing changed for them",
        "",
      ].join("\n"),
    );
  });

  it("tells what would be in a dry run", async () => {
    reports("release", { changed: 3 });
    expect(await bench.vouch(["release", "gov-1", "1", "2", "3", "--dry-run"])).toMatchObject({
      code: 0,
      stdout: "dry run: 3 would be released; nothing changed\n",
    });
  });
});

describe("vouch clock accept", () => {
  it("says what it accepted, or that there was nothing to end", async () => {
    const times = { clock: "2026-03-01T00:00:00Z", expected: "2026-03-01T01:00:00Z" };
    bench.authority.answers["GET /clock"] = {
      document: { ...times, isStopped: true, warnings: [] },
    };
    bench.authority.answers["POST /clock/accept"] = {
      document: { changed: 1, ...times, sequence: 11 },
    };
    expect(await bench.vouch(["clock", "accept"])).toMatchObject({
      code: 0,
      stdout:
        "done: the clock is accepted (journal 11); it says 2026-03-01T00:00:00Z, and 2026-03-01T01:00:00Z was expected\n",
    });
    bench.authority.answers["POST /clock/accept"] = {
      document: { changed: 0, ...times, sequence: null },
    };
    expect(await bench.vouch(["clock", "accept"])).toMatchObject({
      code: 0,
      stdout: "signing was not stopped; nothing changed\n",
    });
  });
});

describe("vouch history", () => {
  it("prints the document it got, and a table for people", async () => {
    const event = { sequence: 3, at: "2026-03-01T00:00:00Z", by: "lan", action: "hold" };
    const entries = [{ ...event, reason: "certificateHold", request: null, agency: null }];
    bench.authority.answers["GET /certificates/gov-1/1/history"] = { document: entries };
    expect((await bench.vouch(["history", "gov-1", "01"], { json: true })).json).toEqual(entries);
    expect((await bench.vouch(["history", "gov-1", "01"])).stdout).toBe(
      "journal  at                    action  reason           by   request  agency\n" +
        "3        2026-03-01T00:00:00Z  hold    certificateHold  lan  -        -\n",
    );
  });

  it("shows no line and no colour that somebody put into a reference", async () => {
    const event = { sequence: 3, at: "2026-03-01T00:00:00Z", by: "lan", action: "hold" };
    const request = "1\n4  2026-03-02T00:00:00Z  revoke\u001b[31m\u202e";
    const entries = [{ ...event, reason: "certificateHold", request, agency: "Sở Nội vụ" }];
    bench.authority.answers["GET /certificates/gov-1/1/history"] = { document: entries };
    const { stdout } = await bench.vouch(["history", "gov-1", "01"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stdout).toContain("1\\0A4  2026-03-02T00:00:00Z  revoke\\1B[31m\\E2\\80\\AE");
    expect(stdout).toContain("Sở Nội vụ");
  });

  it("tells of one certificate only", async () => {
    const ended = await bench.vouch(["history", "gov-1", "1", "2"], { json: true });
    expect(ended).toMatchObject({ code: 2, json: { error: { code: "usage" } } });
  });
});
