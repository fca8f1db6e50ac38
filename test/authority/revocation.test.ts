import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RevokeRequest } from "../../src/authority/admin-types.ts";
import { revoke } from "../../src/authority/revocation.ts";
import { decodeRevocation } from "../../src/crl/revocation.ts";
import { readJournal } from "../../src/store/journal.ts";
import { changeKey, recordKey } from "../../src/store/keys.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

let office: Office;
const [fresh, again, other, twice, raced, spelled, dry, late] = serials(8) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

beforeAll(async () => {
  office = await openOffice();
  const names = [fresh, again, other, twice, raced, spelled, dry, late];
  expect(await office.import(names.map((name) => row(name)))).toMatchObject({ added: 8 });
});

afterAll(() => office.close());

function revokedRow(serialNumber: string): Buffer | undefined {
  office.desk.store.refresh();
  return office.desk.store.get("revoked", recordKey(office.issuer().number, serial(serialNumber)));
}

function lastSequence(): number {
  let sequence = 1;
  while (readJournal(office.desk.store, sequence + 1)) sequence++;
  return sequence;
}

describe("revoke", () => {
  it("a good certificate: record, CRL row, journal and change are written together, with answers", async () => {
    const before = lastSequence();
    const report = await office.revoke([fresh], "cessationOfOperation");
    expect(report).toEqual({
      changed: 1,
      alreadyRevoked: 0,
      refused: [],
      unsigned: [],
      sequence: before + 1,
    });
    const record = office.record(fresh);
    expect(record).toMatchObject({
      status: "revoked",
      reason: 5,
      version: before + 1,
      hashes: ["sha1", "sha256"],
      thisUpdate: record.revocationDate,
    });
    expect(decodeRevocation(revokedRow(fresh) ?? Buffer.alloc(0))).toEqual({
      reason: 5,
      revocationDate: record.revocationDate,
      invalidityDate: undefined,
    });
    expect(readJournal(office.desk.store, before + 1)).toMatchObject({
      action: "revoke",
      by: "test",
      issuer: "gov-1",
      serialNumber: fresh,
      reason: "cessationOfOperation",
      request: "REF-1",
    });
    const change = office.desk.store.get("changes", changeKey(office.issuer().number, before + 1));
    expect(change?.toString("hex")).toBe(`03${fresh}`);
  });

  it("what is revoked already: says so and changes nothing", async () => {
    await office.revoke([again], "superseded");
    const [octets, sequence] = [office.octets(again), lastSequence()];
    const report = await office.revoke([again], "keyCompromise");
    expect(report).toEqual({
      changed: 0,
      alreadyRevoked: 1,
      refused: [],
      unsigned: [],
      sequence: null,
    });
    expect(office.octets(again)).toEqual(octets);
    expect(lastSequence()).toBe(sequence);
  });

  it("what was never issued: refused with what to do, and nothing is written", async () => {
    const sequence = lastSequence();
    const report = await office.revoke(["abcdef"]);
    expect(report).toMatchObject({ changed: 0, sequence: null });
    expect(report.refused).toEqual([
      {
        serialNumber: "abcdef",
        code: "unknownCertificate",
        message: expect.stringMatching(/gov-1 has no certificate abcdef.*vouch import gov-1/),
      },
    ]);
    expect([office.octets("abcdef"), revokedRow("abcdef")]).toEqual([undefined, undefined]);
    expect(lastSequence()).toBe(sequence);
  });

  it("all three at once: each gets what it would alone", async () => {
    const report = await office.revoke([other, again, "abcdef"]);
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 1, unsigned: [] });
    expect(report.refused.map(({ serialNumber }) => serialNumber)).toEqual(["abcdef"]);
    expect(office.record(other).status).toBe("revoked");
  });

  it("one certificate by two officers in one moment: one change, one event", async () => {
    const sequence = lastSequence();
    const reports = await Promise.all([
      office.revoke([twice], "keyCompromise"),
      office.revoke([twice], "superseded"),
    ]);
    expect(reports.map(({ changed }) => changed).sort()).toEqual([0, 1]);
    expect(reports.map(({ alreadyRevoked }) => alreadyRevoked).sort()).toEqual([0, 1]);
    expect(lastSequence()).toBe(sequence + 1);
    expect(readJournal(office.desk.store, sequence + 1)).toMatchObject({ serialNumber: twice });
    const { reason } = office.record(twice);
    expect(decodeRevocation(revokedRow(twice) ?? Buffer.alloc(0)).reason).toBe(reason);
  });

  it("of a record that the sweep signs anew meanwhile: tried again, and done once", async () => {
    let meanwhile = true;
    office.beforeAnswers = async () => {
      if (!meanwhile) return;
      meanwhile = false;
      // Another writer gets in between reading and writing.
      await office.import([row(raced, { notAfter: "2037-01-01T00:00:00Z" })]);
    };
    const report = await office.revoke([raced]);
    office.beforeAnswers = () => Promise.resolve();
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 0, unsigned: [] });
    expect(office.record(raced)).toMatchObject({
      status: "revoked",
      notAfter: Date.UTC(2037, 0, 1) / 1000,
    });
  });

  it("of one certificate in two spellings: one change", async () => {
    const sequence = lastSequence();
    const spellings = [spelled, spelled.toUpperCase(), `0x${spelled}`, `00${spelled}`];
    const report = await office.revoke(spellings);
    expect(report).toMatchObject({ changed: 1, sequence: sequence + 1 });
    expect(lastSequence()).toBe(sequence + 1);
    expect(office.desk.census.counts(office.issuer().number, office.clock())).toMatchObject({
      good: 2,
      revoked: 6,
    });
  });

  it("with dryRun: tells what would be, and nothing is", async () => {
    const request: RevokeRequest = {
      issuer: "gov-1",
      serialNumbers: [dry, again, "abcdef"],
      reason: "keyCompromise",
      revocationDate: null,
      invalidityDate: null,
      request: null,
      agency: null,
      by: "test",
      dryRun: true,
    };
    const sequence = lastSequence();
    const report = await revoke(office.desk, office.issuer(), request);
    expect(report).toMatchObject({ changed: 1, alreadyRevoked: 1, sequence: null });
    expect(report.refused).toHaveLength(1);
    expect(office.record(dry).status).toBe("good");
    expect(lastSequence()).toBe(sequence);
  });

  it("at an earlier date: the answer is true from now on, not from then", async () => {
    const now = office.clock();
    await revoke(office.desk, office.issuer(), {
      issuer: "gov-1",
      serialNumbers: [late],
      reason: "keyCompromise",
      revocationDate: "2026-01-01T00:00:00Z",
      invalidityDate: "2025-12-01T00:00:00Z",
      request: null,
      agency: null,
      by: "test",
      dryRun: false,
    });
    const record = office.record(late);
    expect(record.revocationDate).toBe(Date.UTC(2026, 0, 1) / 1000);
    expect(record.invalidityDate).toBe(Date.UTC(2025, 11, 1) / 1000);
    expect(record.thisUpdate).toBeGreaterThanOrEqual(now);
  });
});
