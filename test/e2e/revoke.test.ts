import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import {
  ocspRequest,
  ocspSays,
  onlyStatus,
  postOcsp,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { aTime, CHANGE_KEYS, expectKeys, STATUS_KEYS } from "../support/shapes.ts";
import { type Site, startSite } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

let site: Site;
let serialNumbers: string[];
const UNKNOWN = "deadbeef01";

beforeAll(async () => {
  const pki = makePki({ algorithm: "ec", leaves: 12 });
  serialNumbers = pki.leaves.map((leaf) => leaf.serialNumber);
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
});

afterAll(async () => {
  await site?.close();
});

function leaf(number: number): string {
  return serialNumbers[number] ?? "";
}

function asks(serialNumber: string): Buffer {
  const [issuer] = site.issuers;
  if (issuer === undefined) throw new Error("no issuer");
  return ocspRequest(issuer.pki, serialNumber);
}

function revoke(...args: string[]): Promise<VouchEnded> {
  return site.vouch(["revoke", "gov-1", ...args], { json: true });
}

async function status(serialNumber: string): Promise<CertificateStatus> {
  return (await site.vouch(["status", "gov-1", serialNumber], { json: true })).json;
}

describe("revoke", () => {
  it("shows at once in OCSP, with time and reason", async () => {
    const der = asks(leaf(0));
    expect(await ocspSays(site.daemon.url, der)).toBe("good");
    const before = Math.floor(Date.now() / 1000) * 1000;
    const done = await revoke(leaf(0), "--reason", "keyCompromise", "--request", "CV-12/2026");
    expect(done.code).toBe(0);
    expectKeys(done.json, CHANGE_KEYS);
    expect(done.json).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [], unsigned: [] });
    expect(done.json.sequence).toBeGreaterThan(0);
    await untilOcspSays(site.daemon.url, der, "revoked");
    const { revocationTime, reason, thisUpdate } = onlyStatus(
      (await postOcsp(site.daemon.url, der)).body,
    );
    expect(reason).toBe(1);
    expect(revocationTime?.getTime()).toBeGreaterThanOrEqual(before);
    expect(revocationTime?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(thisUpdate.getTime()).toBeGreaterThanOrEqual(before);
  });

  it("shows for both hashes, and in status", async () => {
    const [issuer] = site.issuers;
    const sha256 = issuer && ocspRequest(issuer.pki, leaf(0), { hash: "sha256" });
    expect(await ocspSays(site.daemon.url, sha256 ?? Buffer.alloc(0))).toBe("revoked");
    const document = await status(leaf(0));
    expectKeys(document, STATUS_KEYS);
    expect(document).toMatchObject({
      issuer: "gov-1",
      serialNumber: leaf(0),
      status: "revoked",
      certStatus: "revoked",
      reason: "keyCompromise",
      revocationDate: aTime,
      invalidityDate: null,
      notAfter: aTime,
      answers: [{ signer: "7e57" }, { signer: "7e57" }],
    });
  });

  it("again: done, says so, changes nothing", async () => {
    const before = await status(leaf(0));
    const again = await revoke(leaf(0), "--reason", "superseded");
    expect(again.code).toBe(0);
    expect(again.json).toEqual({
      changed: 0,
      alreadyRevoked: 1,
      refused: [],
      unsigned: [],
      sequence: null,
    });
    expect(await status(leaf(0))).toMatchObject({
      reason: "keyCompromise",
      revocationDate: before.revocationDate,
    });
  });

  it("takes the serial number with colons, 0x, capitals and leading zeros", async () => {
    const text = (leaf(1).length % 2 === 0 ? leaf(1) : `0${leaf(1)}`).toUpperCase();
    const colons = text.match(/../g)?.join(":") ?? "";
    expect((await revoke(colons, "--reason", "SUPERSEDED")).json.changed).toBe(1);
    expect((await revoke(`0x00${text}`, "--reason", "superseded")).json.alreadyRevoked).toBe(1);
    expect((await status(leaf(1))).reason).toBe("superseded");
  });

  it("--at and --invalidity-date are what OCSP and status tell", async () => {
    const at = "2026-11-01T08:00:00Z";
    const dates = ["--at", at, "--invalidity-date", "2026-10-01T00:00:00Z"];
    expect((await revoke(leaf(2), "--reason", "keyCompromise", ...dates)).code).toBe(0);
    const document = await status(leaf(2));
    expect(Date.parse(String(document.revocationDate))).toBe(Date.parse(at));
    expect(Date.parse(String(document.invalidityDate))).toBe(Date.parse("2026-10-01T00:00:00Z"));
    const { revocationTime } = onlyStatus((await postOcsp(site.daemon.url, asks(leaf(2)))).body);
    expect(revocationTime?.getTime()).toBe(Date.parse(at));
  });

  it("unspecified is no reason in OCSP, and unspecified in status", async () => {
    expect((await revoke(leaf(3), "--reason", "unspecified")).code).toBe(0);
    await untilOcspSays(site.daemon.url, asks(leaf(3)), "revoked");
    const { reason } = onlyStatus((await postOcsp(site.daemon.url, asks(leaf(3)))).body);
    expect([undefined, 0]).toContain(reason);
    expect((await status(leaf(3))).reason).toBe("unspecified");
  });

  it("--dry-run tells what would be and changes nothing", async () => {
    const done = await revoke(leaf(4), "--reason", "superseded", "--dry-run");
    expect(done.code).toBe(0);
    expectKeys(done.json, CHANGE_KEYS);
    expect(done.json).toMatchObject({ changed: 1, sequence: null });
    expect((await status(leaf(4))).status).toBe("good");
    expect(await ocspSays(site.daemon.url, asks(leaf(4)))).toBe("good");
  });

  it("--file LIST does what it can, and names what it refused", async () => {
    const list = join(site.places.folder, "list.txt");
    writeFileSync(list, `${leaf(5)}\n${UNKNOWN}\n${leaf(6)}\n`);
    const done = await revoke("--file", list, "--reason", "cessationOfOperation");
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({
      changed: 2,
      alreadyRevoked: 0,
      refused: [{ serialNumber: UNKNOWN, code: "unknownCertificate" }],
    });
    await untilOcspSays(site.daemon.url, asks(leaf(5)), "revoked");
    await untilOcspSays(site.daemon.url, asks(leaf(6)), "revoked");
  });

  it("takes several serial numbers, and certificate files", async () => {
    const [issuer] = site.issuers;
    expect((await revoke(leaf(7), leaf(8), "--reason", "superseded")).json.changed).toBe(2);
    const file = issuer?.pki.leaves[9]?.certificate ?? "";
    expect((await revoke(file, "--reason", "superseded")).json).toMatchObject({ changed: 1 });
    expect((await status(leaf(9))).status).toBe("revoked");
  });

  it("prints what it did for people, too", async () => {
    const done = await site.vouch(["revoke", "gov-1", leaf(10), "--reason", "superseded"]);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/\S/);
  });
});

describe("status", () => {
  it("of a certificate that was never issued: exit 0, null where OCSP says unauthorized", async () => {
    const done = await site.vouch(["status", "gov-1", UNKNOWN], { json: true });
    expect(done.code).toBe(0);
    expect(done.json).toEqual({
      issuer: "gov-1",
      serialNumber: UNKNOWN,
      status: "unissued",
      certStatus: null,
      reason: null,
      revocationDate: null,
      invalidityDate: null,
      notAfter: null,
      answers: [],
    });
  });

  it("of a good one names its answers, their signer and times", async () => {
    const document = await status(leaf(11));
    const answer = { signer: "7e57", thisUpdate: aTime, nextUpdate: aTime };
    expect(document.answers).toEqual([
      { hash: "sha1", ...answer },
      { hash: "sha256", ...answer },
    ]);
  });
});
