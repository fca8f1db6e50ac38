import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest, ocspSays, onlyStatus, postOcsp } from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import {
  aTime,
  CHANGE_KEYS,
  expectKeys,
  expectRefusal,
  HISTORY_KEYS,
  STATUS_KEYS,
} from "../support/shapes.ts";
import { type Site, startSite } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

let site: Site;
let leaves: string[];

beforeAll(async () => {
  const pki = makePki({ algorithm: "ec", leaves: 6 });
  const other = makePki({ algorithm: "ec", leaves: 1, name: "Strict CA" });
  leaves = pki.leaves.map(({ serialNumber }) => serialNumber);
  site = await startSite({
    issuers: [
      { name: "gov-1", pki, more: { hold: true } },
      { name: "strict", pki: other },
    ],
  });
});

afterAll(async () => {
  await site?.close();
});

const leaf = (number: number): string => leaves[number] ?? "";

function vouch(...args: string[]): Promise<VouchEnded> {
  return site.vouch(args, { json: true });
}

function asks(serialNumber: string, hash: "sha1" | "sha256" = "sha1"): Buffer {
  const [issuer] = site.issuers;
  if (issuer === undefined) throw new Error("no issuer");
  return ocspRequest(issuer.pki, serialNumber, { hash });
}

async function status(serialNumber: string, ...args: string[]): Promise<CertificateStatus> {
  return (await vouch("status", "gov-1", serialNumber, ...args)).json;
}

async function crlText(): Promise<string> {
  const issued = await vouch("crl", "issue", "gov-1");
  expect(issued.json.refused).toBeNull();
  const file = join(site.places.folder, "gov-1.crl");
  writeFileSync(file, (await request(`${site.daemon.url}/crl/gov-1.crl`)).body);
  return mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
}

describe("hold and release", () => {
  it("show at once in OCSP, for both hashes, and in the next CRL", async () => {
    const held = await vouch(
      "hold",
      "gov-1",
      leaf(0),
      "--request",
      "119/CV",
      "--agency",
      "Sở Y tế",
    );
    expect(held.code).toBe(0);
    expectKeys(held.json, CHANGE_KEYS);
    expect(held.json).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [], unsigned: [] });
    for (const hash of ["sha1", "sha256"] as const) {
      const answer = onlyStatus((await postOcsp(site.daemon.url, asks(leaf(0), hash))).body);
      expect(answer).toMatchObject({ certStatus: "revoked", reason: 6 });
    }
    const document = await status(leaf(0));
    expectKeys(document, STATUS_KEYS);
    expect(document).toMatchObject({
      status: "hold",
      certStatus: "revoked",
      reason: "certificateHold",
      revocationDate: aTime,
    });
    expect(await crlText()).toContain("Certificate Hold");

    const released = await vouch("release", "gov-1", leaf(0), "--request", "120/CV");
    expect(released.code).toBe(0);
    expectKeys(released.json, CHANGE_KEYS);
    expect(released.json).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [] });
    expect(await ocspSays(site.daemon.url, asks(leaf(0)))).toBe("good");
    expect(await status(leaf(0))).toMatchObject({ status: "good", reason: null });
    expect(await crlText()).not.toContain("Certificate Hold");
  });

  it("again change nothing, and exit 0", async () => {
    expect(await vouch("release", "gov-1", leaf(0))).toMatchObject({
      code: 0,
      json: { changed: 0, sequence: null },
    });
    await vouch("hold", "gov-1", leaf(1));
    expect(await vouch("hold", "gov-1", leaf(1))).toMatchObject({
      code: 0,
      json: { changed: 0, alreadyRevoked: 0, refused: [], sequence: null },
    });
  });

  it("become a revocation with the new reason, which nothing undoes", async () => {
    await vouch("hold", "gov-1", leaf(2), "--at", "2026-11-01T08:00:00Z");
    expect((await vouch("revoke", "gov-1", leaf(2), "--reason", "keyCompromise")).code).toBe(0);
    expect(onlyStatus((await postOcsp(site.daemon.url, asks(leaf(2)))).body)).toMatchObject({
      certStatus: "revoked",
      reason: 1,
      revocationTime: new Date("2026-11-01T08:00:00Z"),
    });
    const released = await vouch("release", "gov-1", leaf(2));
    expect(released.code).toBe(1);
    expectKeys(released.json, CHANGE_KEYS);
    expectRefusal(released.json, "alreadyRevoked");
    expect(await status(leaf(2))).toMatchObject({ status: "revoked", reason: "keyCompromise" });
    expect(await vouch("hold", "gov-1", leaf(2))).toMatchObject({
      code: 0,
      json: { changed: 0, alreadyRevoked: 1 },
    });
  });

  it("with --dry-run and --file tell what would be", async () => {
    const list = join(site.places.folder, "lost.txt");
    writeFileSync(list, `${leaf(3)}\ndeadbeef # never issued\n`);
    const dry = await vouch("hold", "gov-1", "--file", list, "--dry-run");
    expect(dry).toMatchObject({ code: 1, json: { changed: 1, sequence: null } });
    expectRefusal(dry.json, "unknownCertificate");
    expect((await status(leaf(3))).status).toBe("good");
  });

  it("are refused where the issuer has no hold, with what to do", async () => {
    const [, strict] = site.issuers;
    const serialNumber = strict?.pki.leaves[0]?.serialNumber ?? "";
    const refused = await vouch("hold", "strict", serialNumber);
    expect(refused.code).toBe(1);
    expect(expectRefusal(refused.json, "holdRefused")).toMatch(/hold is switched off.*hold: true/s);
    expect(await vouch("release", "strict", serialNumber)).toMatchObject({ code: 0 });
  });
});

describe("history and status --at", () => {
  it("tell what happened, by whom and on what grounds, and what was on a date", async () => {
    const before = new Date(Date.now() - 1000).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await vouch("hold", "gov-1", leaf(4), "--request", "121/CV", "--agency", "Bộ Nội vụ");
    const ended = await vouch("history", "gov-1", leaf(4));
    expect(ended.code).toBe(0);
    for (const entry of ended.json) expectKeys(entry, HISTORY_KEYS);
    expect(ended.json).toMatchObject([
      { action: "import", at: aTime, reason: null, request: null, agency: null },
      { action: "hold", reason: "certificateHold", request: "121/CV", agency: "Bộ Nội vụ" },
    ]);
    expect(await status(leaf(4), "--at", before)).toMatchObject({ status: "good", answers: [] });
    expect(await status(leaf(4), "--at", new Date().toISOString())).toMatchObject({
      status: "hold",
    });
  });

  it("refuse a time before the first that is recorded, and one that lies ahead", async () => {
    const early = await vouch("status", "gov-1", leaf(4), "--at", "2020-01-01T00:00:00Z");
    expect(early.code).toBe(1);
    expectRefusal(early.json, "notRecorded");
    const ahead = await vouch("status", "gov-1", leaf(4), "--at", "2090-01-01T00:00:00Z");
    expect(ahead.code).toBe(1);
    expectRefusal(ahead.json, "badTime");
  });

  it("of what was never imported is empty, and exits 0", async () => {
    expect(await vouch("history", "gov-1", "deadbeef")).toMatchObject({ code: 0, json: [] });
  });

  it("read well for people", async () => {
    const { stdout } = await site.vouch(["history", "gov-1", leaf(4)]);
    expect(stdout).toMatch(/^journal +at +action +reason +by +request +agency\n/);
    expect(stdout).toMatch(/hold +certificateHold .* 121\/CV +Bộ Nội vụ/);
  });
});
