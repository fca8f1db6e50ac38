import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold } from "../../src/authority/suspension.ts";
import { decodeRevocation, type Revocation } from "../../src/crl/revocation.ts";
import { readJournal } from "../../src/store/journal.ts";
import { changeKey, recordKey } from "../../src/store/keys.ts";
import { readSetting } from "../../src/store/settings.ts";
import { mustRun } from "../support/run-program.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

let office: Office;
const names = serials(20);
let next = 0;

beforeAll(async () => {
  office = await openOffice({ issuers: () => [{ name: "gov-1", more: { hold: true } }], crl: {} });
  await office.import(names.map((name) => row(name)));
});

afterAll(() => office.close());

/** A good certificate that no test has used. */
const fresh = (): string => names[next++] as string;

function listed(serialNumber: string): Revocation | undefined {
  office.desk.store.refresh();
  const key = recordKey(office.issuer().number, serial(serialNumber));
  const value = office.desk.store.get("revoked", key);
  return value && decodeRevocation(value);
}

const lastSequence = (): number => readSetting<number>(office.desk.store, "sequence") ?? 0;

describe("hold", () => {
  it("of a good certificate: record, CRL row, journal and change in one, with answers", async () => {
    const name = fresh();
    const report = await office.hold([name]);
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [], unsigned: [] });
    const record = office.record(name);
    expect(record).toMatchObject({
      status: "hold",
      reason: 6,
      hashes: ["sha1", "sha256"],
      version: report.sequence,
      thisUpdate: record.revocationDate,
    });
    expect(listed(name)).toMatchObject({ reason: 6, revocationDate: record.revocationDate });
    expect(readJournal(office.desk.store, report.sequence ?? 0)).toMatchObject({
      action: "hold",
      by: "test",
      serialNumber: name,
      reason: "certificateHold",
      request: "REF-1",
    });
    const change = changeKey(office.issuer().number, report.sequence ?? 0);
    expect(office.desk.store.get("changes", change)?.toString("hex")).toBe(`03${name}`);
  });

  it("of what is on hold already: nothing changes", async () => {
    const name = fresh();
    await office.hold([name], "2026-03-01T00:00:00Z");
    const before = office.octets(name);
    const report = await office.hold([name]);
    expect(report).toEqual({
      ...{ changed: 0, alreadyRevoked: 0, refused: [], unsigned: [], sequence: null },
    });
    expect(office.octets(name)).toEqual(before);
  });

  it("of what is revoked: it stays revoked, and that is said", async () => {
    const name = fresh();
    await office.revoke([name]);
    expect(await office.hold([name])).toMatchObject({ changed: 0, alreadyRevoked: 1, refused: [] });
    expect(office.record(name)).toMatchObject({ status: "revoked", reason: 1 });
  });

  it("of what was never issued: refused", async () => {
    const report = await office.hold(["abcdef"]);
    expect(report.refused).toMatchObject([{ serialNumber: "abcdef", code: "unknownCertificate" }]);
    expect(office.octets("abcdef")).toBeUndefined();
  });
});

describe("release", () => {
  it("of a hold: good again, off the CRL's list, with its change and journal", async () => {
    const name = fresh();
    await office.hold([name]);
    const held = office.record(name);
    const report = await office.release([name]);
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 0, refused: [], unsigned: [] });
    const record = office.record(name);
    expect(record).toMatchObject({
      status: "good",
      reason: 0,
      revocationDate: 0,
      hashes: ["sha1", "sha256"],
      notAfter: held.notAfter,
      version: report.sequence,
    });
    expect(record.thisUpdate).toBeGreaterThan(held.thisUpdate);
    expect(listed(name)).toBeUndefined();
    const change = changeKey(office.issuer().number, report.sequence ?? 0);
    expect(office.desk.store.get("changes", change)?.toString("hex")).toBe(`03${name}`);
  });

  it("of a good one changes nothing", async () => {
    const name = fresh();
    const before = office.octets(name);
    const report = await office.release([name]);
    expect(report).toMatchObject({ changed: 0, alreadyRevoked: 0, refused: [], sequence: null });
    expect(office.octets(name)).toEqual(before);
  });

  it("of a revoked one is refused: a revocation is never undone", async () => {
    const [held, revoked] = [fresh(), fresh()];
    await office.hold([held]);
    await office.revoke([revoked]);
    const before = office.octets(revoked);
    const report = await office.release([held, revoked]);
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 1 });
    expect(report.refused).toEqual([
      {
        serialNumber: revoked,
        code: "alreadyRevoked",
        message: expect.stringMatching(/never undone.*vouch history gov-1/),
      },
    ]);
    expect(office.octets(revoked)).toEqual(before);
    expect(listed(revoked)?.reason).toBe(1);
  });

  it("while another officer revokes: whoever comes second is told, and it is revoked", async () => {
    const name = fresh();
    await office.hold([name]);
    const [revoked, released] = await Promise.all([office.revoke([name]), office.release([name])]);
    expect(revoked.changed + revoked.alreadyRevoked).toBe(1);
    expect(released.changed + released.refused.length).toBe(1);
    expect(office.record(name).status).toBe("revoked");
    expect(listed(name)?.reason).toBe(1);
  });
});

describe("a hold that becomes a revocation", () => {
  it("takes the new reason and dates from the hold, which stays in the history", async () => {
    const name = fresh();
    await office.hold([name], "2026-03-01T08:00:00Z");
    await office.revoke([name], "keyCompromise");
    const since = Date.UTC(2026, 2, 1, 8) / 1000;
    expect(office.record(name)).toMatchObject({
      status: "revoked",
      reason: 1,
      revocationDate: since,
    });
    expect(listed(name)).toMatchObject({ reason: 1, revocationDate: since });
    const history = office.history(name);
    expect(history.map(({ action, reason }) => [action, reason])).toEqual([
      ["import", null],
      ["hold", "certificateHold"],
      ["revoke", "keyCompromise"],
    ]);
    const [, suspended] = history;
    expect(readJournal(office.desk.store, suspended?.sequence ?? 0)?.revocationDate).toBe(
      "2026-03-01T08:00:00Z",
    );
  });
});

describe("where the configuration says hold: false", () => {
  it("nothing is put on hold, what is on hold stays so, and can be released or revoked", async () => {
    const [released, revoked, good] = [fresh(), fresh(), fresh()];
    await office.hold([released, revoked]);
    const allowed = readFileSync(office.config.file, "utf8");
    writeFileSync(office.config.file, allowed.replace("hold: true", "hold: false"));
    await office.reload();
    const request = { issuer: "gov-1", serialNumbers: [good], by: "test", dryRun: false };
    const asked = { ...request, request: null, agency: null, revocationDate: null };
    expect(() => hold(office.desk, office.issuer(), asked)).toThrow(/hold is switched off/);
    expect(office.record(good).status).toBe("good");
    expect(office.record(released).status).toBe("hold");
    const again = row(released, { status: "hold", revocationDate: "2026-01-01T00:00:00Z" });
    expect(await office.import([again])).toMatchObject({ unchanged: 1, bad: [] });
    const crl = await office.issueCRL();
    expect(crl.refused).toBeNull();
    expect(opensslText(crl.file)).toContain("Certificate Hold");
    expect(await office.release([released])).toMatchObject({ changed: 1 });
    expect(await office.revoke([revoked])).toMatchObject({ changed: 1 });
    writeFileSync(office.config.file, allowed);
    await office.reload();
  });
});

describe("a CRL", () => {
  it("lists a hold with its reason, and no longer once it is released", async () => {
    const name = fresh();
    await office.hold([name]);
    const listing = await office.issueCRL();
    const entry = new RegExp(
      `Serial Number: ${name}\\n(?:(?! +Serial).*\\n)*? +Certificate Hold`,
      "i",
    );
    expect(opensslText(listing.file)).toMatch(entry);
    await office.release([name]);
    const after = await office.issueCRL();
    expect(after).toMatchObject({ refused: null, entries: listing.entries - 1 });
    expect(opensslText(after.file)).not.toMatch(new RegExp(`Serial Number: ${name}`, "i"));
  });
});

function opensslText(file: string): string {
  return mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
}

describe("an import", () => {
  const since = "2026-02-01T00:00:00Z";
  const onHold = { status: "hold", reason: "certificateHold", revocationDate: since } as const;

  it("puts on hold what it says, new or known, and the same again changes nothing", async () => {
    const [known, unknown] = [fresh(), "200001"];
    const rows = [row(known, onHold), row(unknown, onHold)];
    expect(await office.import(rows)).toMatchObject({ added: 1, changed: 1, bad: [] });
    for (const name of [known, unknown]) {
      expect(office.record(name)).toMatchObject({ status: "hold", reason: 6 });
      expect(listed(name)?.reason).toBe(6);
      expect(office.history(name).at(-1)).toMatchObject({ action: "hold" });
    }
    const sequence = lastSequence();
    expect(await office.import(rows)).toMatchObject({ unchanged: 2, changed: 0 });
    expect(lastSequence()).toBe(sequence);
  });

  it("does not end a hold: good is a bad line, a certificate alone changes nothing", async () => {
    const name = fresh();
    await office.hold([name]);
    const before = office.octets(name);
    expect(await office.import([row(name)])).toMatchObject({
      changed: 0,
      bad: [{ message: expect.stringMatching(/on hold since .*only vouch release/) }],
    });
    expect(await office.import([row(name, { claims: "issuance" })])).toMatchObject({
      unchanged: 1,
    });
    expect(office.octets(name)).toEqual(before);
  });

  it("revokes what is on hold, since the hold at the latest", async () => {
    const [later, earlier] = [fresh(), fresh()];
    await office.hold([later, earlier], "2026-03-01T00:00:00Z");
    const revoked = { status: "revoked", reason: "superseded" } as const;
    await office.import([
      row(later, { ...revoked, revocationDate: "2026-04-01T00:00:00Z" }),
      row(earlier, { ...revoked, revocationDate: "2026-02-01T00:00:00Z" }),
    ]);
    expect(office.record(later)).toMatchObject({
      status: "revoked",
      reason: 4,
      revocationDate: Date.UTC(2026, 2, 1) / 1000,
    });
    expect(office.record(earlier).revocationDate).toBe(Date.UTC(2026, 1, 1) / 1000);
    expect(listed(later)?.reason).toBe(4);
  });

  it("does not turn a revocation into a hold", async () => {
    const name = fresh();
    await office.revoke([name]);
    expect(await office.import([row(name, onHold)])).toMatchObject({
      bad: [{ message: expect.stringMatching(/never undone/) }],
    });
    expect(office.record(name).status).toBe("revoked");
  });
});
