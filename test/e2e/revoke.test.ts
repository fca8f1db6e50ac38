import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  ocspRequest,
  ocspSays,
  onlyStatus,
  postOcsp,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { oneIssuer } from "../support/one-issuer.ts";
import { aTime, CHANGE_KEYS, expectKeys, STATUS_KEYS } from "../support/shapes.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

const gov = await oneIssuer(12, "all");
const UNKNOWN = "deadbeef01";

function revoke(...args: string[]): Promise<VouchEnded> {
  return gov.run("revoke", ...args);
}

describe("revoke", () => {
  it("shows at once in OCSP, with time and reason", async () => {
    const der = gov.asks(gov.serial(0));
    expect(await ocspSays(gov.url, der)).toBe("good");
    const before = Math.floor(Date.now() / 1000) * 1000;
    const done = await revoke(
      gov.serial(0),
      "--reason",
      "keyCompromise",
      "--request",
      "CV-12/2026",
    );
    expect(done.code).toBe(0);
    expectKeys(done.json, CHANGE_KEYS);
    expect(done.json).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [], unsigned: [] });
    expect(done.json.sequence).toBeGreaterThan(0);
    await untilOcspSays(gov.url, der, "revoked");
    const { revocationTime, reason, thisUpdate } = onlyStatus((await postOcsp(gov.url, der)).body);
    expect(reason).toBe(1);
    expect(revocationTime?.getTime()).toBeGreaterThanOrEqual(before);
    expect(revocationTime?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(thisUpdate.getTime()).toBeGreaterThanOrEqual(before);
  });

  it("shows for both hashes, and in status", async () => {
    const sha256 = ocspRequest(gov.pki, gov.serial(0), { hash: "sha256" });
    expect(await ocspSays(gov.url, sha256)).toBe("revoked");
    const document = await gov.status(gov.serial(0));
    expectKeys(document, STATUS_KEYS);
    expect(document).toMatchObject({
      issuer: "gov-1",
      serialNumber: gov.serial(0),
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
    const before = await gov.status(gov.serial(0));
    const again = await revoke(gov.serial(0), "--reason", "superseded");
    expect(again.code).toBe(0);
    expect(again.json).toEqual({
      changed: 0,
      alreadyRevoked: 1,
      refused: [],
      unsigned: [],
      sequence: null,
    });
    expect(await gov.status(gov.serial(0))).toMatchObject({
      reason: "keyCompromise",
      revocationDate: before.revocationDate,
    });
  });

  it("takes the serial number with colons, 0x, capitals and leading zeros", async () => {
    const text = (
      gov.serial(1).length % 2 === 0 ? gov.serial(1) : `0${gov.serial(1)}`
    ).toUpperCase();
    const colons = text.match(/../g)?.join(":") ?? "";
    expect((await revoke(colons, "--reason", "SUPERSEDED")).json.changed).toBe(1);
    expect((await revoke(`0x00${text}`, "--reason", "superseded")).json.alreadyRevoked).toBe(1);
    expect((await gov.status(gov.serial(1))).reason).toBe("superseded");
  });

  it("--at and --invalidity-date are what OCSP and status tell", async () => {
    const at = "2026-11-01T08:00:00Z";
    const dates = ["--at", at, "--invalidity-date", "2026-10-01T00:00:00Z"];
    expect((await revoke(gov.serial(2), "--reason", "keyCompromise", ...dates)).code).toBe(0);
    const document = await gov.status(gov.serial(2));
    expect(Date.parse(String(document.revocationDate))).toBe(Date.parse(at));
    expect(Date.parse(String(document.invalidityDate))).toBe(Date.parse("2026-10-01T00:00:00Z"));
    const { revocationTime } = onlyStatus((await postOcsp(gov.url, gov.asks(gov.serial(2)))).body);
    expect(revocationTime?.getTime()).toBe(Date.parse(at));
  });

  it("unspecified is no reason in OCSP, and unspecified in status", async () => {
    expect((await revoke(gov.serial(3), "--reason", "unspecified")).code).toBe(0);
    await untilOcspSays(gov.url, gov.asks(gov.serial(3)), "revoked");
    const { reason } = onlyStatus((await postOcsp(gov.url, gov.asks(gov.serial(3)))).body);
    expect([undefined, 0]).toContain(reason);
    expect((await gov.status(gov.serial(3))).reason).toBe("unspecified");
  });

  it("--dry-run tells what would be and changes nothing", async () => {
    const done = await revoke(gov.serial(4), "--reason", "superseded", "--dry-run");
    expect(done.code).toBe(0);
    expectKeys(done.json, CHANGE_KEYS);
    expect(done.json).toMatchObject({ changed: 1, sequence: null });
    expect((await gov.status(gov.serial(4))).status).toBe("good");
    expect(await ocspSays(gov.url, gov.asks(gov.serial(4)))).toBe("good");
  });

  it("--file LIST does what it can, and names what it refused", async () => {
    const list = join(gov.site.places.folder, "list.txt");
    writeFileSync(list, `${gov.serial(5)}\n${UNKNOWN}\n${gov.serial(6)}\n`);
    const done = await revoke("--file", list, "--reason", "cessationOfOperation");
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({
      changed: 2,
      alreadyRevoked: 0,
      refused: [{ serialNumber: UNKNOWN, code: "unknownCertificate" }],
    });
    await untilOcspSays(gov.url, gov.asks(gov.serial(5)), "revoked");
    await untilOcspSays(gov.url, gov.asks(gov.serial(6)), "revoked");
  });

  it("takes several serial numbers, and certificate files", async () => {
    expect(
      (await revoke(gov.serial(7), gov.serial(8), "--reason", "superseded")).json.changed,
    ).toBe(2);
    const file = gov.leaf(9).certificate;
    expect((await revoke(file, "--reason", "superseded")).json).toMatchObject({ changed: 1 });
    expect((await gov.status(gov.serial(9))).status).toBe("revoked");
  });

  it("prints what it did for people, too", async () => {
    const done = await gov.site.vouch([
      "revoke",
      "gov-1",
      gov.serial(10),
      "--reason",
      "superseded",
    ]);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/\S/);
  });
});

describe("status", () => {
  it("of a certificate that was never issued: exit 0, null where OCSP says unauthorized", async () => {
    const done = await gov.site.vouch(["status", "gov-1", UNKNOWN], { json: true });
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
    const document = await gov.status(gov.serial(11));
    const answer = { signer: "7e57", thisUpdate: aTime, nextUpdate: aTime };
    expect(document.answers).toEqual([
      { hash: "sha1", ...answer },
      { hash: "sha256", ...answer },
    ]);
  });
});
