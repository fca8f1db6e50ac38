import { renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sweep } from "../../src/authority/sweep.ts";
import { makePki } from "../support/openssl-pki.ts";
import { until } from "../support/until.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

let office: Office;
let sweep: Sweep | undefined;

beforeEach(async () => {
  office = await openOffice();
});

afterEach(async () => {
  await sweep?.stop();
  sweep = undefined;
  await office.close();
});

const [a, b] = serials(2) as [string, string];

/** Takes the signer's key away, also from threads that had loaded it. */
async function takeKeyAway(): Promise<() => void> {
  const { keyFile } = office.issuer().signers[0] ?? { keyFile: "" };
  await office.freshThreads();
  renameSync(keyFile, `${keyFile}.away`);
  return () => renameSync(`${keyFile}.away`, keyFile);
}

describe("while the signer's key is away", () => {
  it("a revocation is recorded, its answer removed and it is reported; the sweep signs when the key is back", async () => {
    await office.import([row(a), row(b)]);
    const { thisUpdate } = office.record(a);
    const untouched = office.octets(b);
    const bringBack = await takeKeyAway();
    const report = await office.revoke([a]);
    expect(report).toMatchObject({ changed: 1, unsigned: [a] });
    expect(office.record(a)).toMatchObject({ status: "revoked", hashes: [] });
    expect(office.octets(b)).toEqual(untouched);
    expect(office.desk.unanswered.size).toBe(1);
    sweep = new Sweep(office.desk);
    sweep.start();
    await sleep(300);
    expect(office.record(a).hashes).toEqual([]);
    for (const name of serials(7).slice(2)) await office.import([row(name)]);
    expect(office.errors.filter((line) => line.includes("no valid OCSP signer"))).toHaveLength(1);
    bringBack();
    await until(() => office.record(a).hashes.length === 2, { what: "the sweep to sign it" });
    expect(office.record(a)).toMatchObject({ status: "revoked", version: report.sequence });
    expect(office.record(a).thisUpdate).toBeGreaterThan(thisUpdate);
    await until(() => office.desk.unanswered.size === 0, { what: "an empty list" });
    expect(office.errors.join()).toMatch(/cannot be read \(ENOENT\)/);
  });

  it("an import records what it says, and the sweep signs it later; across a restart, too", async () => {
    const bringBack = await takeKeyAway();
    expect(await office.import([row(a), row(b)])).toMatchObject({ added: 2, bad: [] });
    expect([office.record(a).hashes, office.record(b).hashes]).toEqual([[], []]);
    expect(office.desk.census.issuer(office.issuer().number)).toMatchObject({
      records: 2,
      answered: 0,
    });
    bringBack();
    await office.reopen();
    expect(office.desk.unanswered.size).toBe(2);
    sweep = new Sweep(office.desk);
    sweep.start();
    await until(() => office.desk.unanswered.size === 0, { what: "the sweep to sign them" });
    expect(office.record(a)).toMatchObject({ status: "good", hashes: ["sha1", "sha256"] });
    expect(office.desk.census.issuer(office.issuer().number)).toMatchObject({ answered: 2 });
  });
});

describe("an issuer whose key stays away", () => {
  it("does not keep another's unsigned records from their turn", async () => {
    await office.close();
    const other = makePki({ algorithm: "ec", leaves: 0, name: "Another CA" });
    office = await openOffice({
      issuers: () => [
        { name: "gov-1" },
        { name: "gov-2", pki: other, ocsp: { signers: [other.signer] } },
      ],
    });
    const bringBack = await takeKeyAway();
    const many = serials(1_000).map((name) => row(name));
    await office.import(many);
    await office.import([row("ff0001")]);
    expect(office.desk.unanswered.size).toBe(1_001);
    renameSync(other.signer.key, `${other.signer.key}.away`);
    await office.import([row(a)], "gov-2");
    renameSync(`${other.signer.key}.away`, other.signer.key);
    expect(office.record(a, "gov-2").hashes).toEqual([]);
    sweep = new Sweep(office.desk);
    sweep.start();
    await until(() => office.record(a, "gov-2").hashes.length === 2, { what: "gov-2's turn" });
    // What was written is seen in the store a moment before it is taken off the list.
    await until(() => office.desk.unanswered.size === 1_001, { what: "the shorter list" });
    bringBack();
    other.remove();
  });
});
