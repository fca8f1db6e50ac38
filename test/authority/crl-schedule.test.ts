import { existsSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CRLSchedule } from "../../src/authority/crl-schedule.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

let office: Office;
let other: Pki;
let schedule: CRLSchedule;
let start: number;

beforeEach(async () => {
  other = makePki({ algorithm: "ec", leaves: 0, name: "Another CA" });
  const crl = { signer: { certificate: other.caCertificate, key: other.caKey } };
  const second = { name: "gov-2", pki: other, ocsp: { signers: [other.signer] }, crl };
  office = await openOffice({ crl: {}, issuers: () => [{ name: "gov-1" }, second] });
  start = Math.floor(Date.now() / 1000);
  office.now = start;
  schedule = new CRLSchedule(office.desk, office.publisher);
});

afterEach(async () => {
  await office.close();
  other.remove();
});

/** A file in the place of the folder that the issuer's CRLs with numbers go to: none can be written. */
const blocked = (): string => join(crlFolder(office.config.data), "gov-1");

const numberOf = (issuer: string): string | undefined =>
  office.publisher.published(office.issuer(issuer), "full")?.crlNumber;

/** The seconds since the start at which a CRL of the issuer failed, looked at every second. */
async function failuresUntil(seconds: number): Promise<number[]> {
  const at: number[] = [];
  for (let now = 0; now <= seconds; now += 5) {
    office.now = start + now;
    const before = office.errors.length;
    await schedule.look();
    if (office.errors.length > before) at.push(now);
  }
  return at;
}

describe("a CRL that cannot be made", () => {
  it("is tried again after 1, 2, 4, 8 and then every 15 minutes, and delays no other issuer's", async () => {
    await office.issueCRLs({}, "gov-2");
    const first = numberOf("gov-2");
    writeFileSync(blocked(), "");
    office.now = start + DAY;
    start += DAY;
    expect(await failuresUntil(3_000)).toEqual([0, 60, 180, 420, 900, 1_800, 2_700]);
    expect(BigInt(numberOf("gov-2") ?? 0)).toBeGreaterThan(BigInt(first ?? 0));
    expect(numberOf("gov-1")).toBeUndefined();
    rmSync(blocked());
    office.now = start + 3_599;
    await schedule.look();
    expect(numberOf("gov-1")).toBeUndefined();
    office.now = start + HOUR;
    await schedule.look();
    expect(numberOf("gov-1")).toBeDefined();
  });

  it("since the authority stops is no fault", async () => {
    office.afterCRL = async () => {
      schedule.stop();
      await office.publisher.stop();
    };
    await schedule.look();
    expect(["gov-1", "gov-2"].map(numberOf)).toEqual([undefined, undefined]);
    expect(office.errors).toEqual([]);
  });

  it("is tried again after a minute once one was made", async () => {
    await office.issueCRLs({}, "gov-2");
    writeFileSync(blocked(), "");
    expect(await failuresUntil(200)).toEqual([0, 60, 180]);
    rmSync(blocked());
    office.now = start + 420;
    await schedule.look();
    expect(numberOf("gov-1")).toBeDefined();
    const kept = `${blocked()}-kept`;
    renameSync(blocked(), kept);
    writeFileSync(blocked(), "");
    start += DAY;
    expect(await failuresUntil(100)).toEqual([0, 60]);
  });

  it("is tried again at once after a reload", async () => {
    await office.issueCRLs({}, "gov-2");
    writeFileSync(blocked(), "");
    expect(await failuresUntil(200)).toEqual([0, 60, 180]);
    rmSync(blocked());
    await schedule.look();
    expect(numberOf("gov-1")).toBeUndefined();
    await office.reload();
    await schedule.look();
    expect(numberOf("gov-1")).toBeDefined();
  });

  it("since it is not made while signing is stopped comes as soon as it goes on", async () => {
    office.maySign = () => false;
    await schedule.look();
    expect(numberOf("gov-1")).toBeUndefined();
    expect(office.errors).toEqual([]);
    office.maySign = () => true;
    await schedule.look();
    expect(numberOf("gov-1")).toBeDefined();
  });
});

describe("an issuer whose signing takes long", () => {
  it("holds up neither another nor the next look", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let signed = 0;
    // The first to be signed waits.
    office.afterCRL = () => (signed++ === 0 ? held : Promise.resolve());
    const looking = schedule.look();
    const made = (): number => ["gov-1", "gov-2"].filter((name) => numberOf(name)).length;
    await expect.poll(made).toBe(1);
    await schedule.look();
    expect([made(), signed]).toEqual([1, 2]);
    release();
    await looking;
    expect(made()).toBe(2);
  });
});

describe("after downtime", () => {
  it("what was missed comes at once: a CRL long past its nextUpdate, and what was revoked before", async () => {
    await schedule.look();
    const before = numberOf("gov-1");
    const [a = ""] = serials(1);
    await office.import([row(a, { notAfter: "2099-01-01T00:00:00Z" })]);
    await office.revoke([a]);
    await office.reopen();
    office.now = start + 100 * DAY;
    schedule = new CRLSchedule(office.desk, office.publisher);
    await schedule.look();
    const crl = office.publisher.published(office.issuer(), "full");
    expect(crl).toMatchObject({ entries: 1, thisUpdate: start + 100 * DAY });
    expect(BigInt(crl?.crlNumber ?? 0)).toBeGreaterThan(BigInt(before ?? 0));
  });
});

describe("a published file that is gone, or cut off", () => {
  it("brings new CRLs within a minute, not with the next that are due", async () => {
    await schedule.look();
    const numbers = ["gov-1", "gov-2"].map(numberOf);
    rmSync(crlFolder(office.config.data), { recursive: true });
    // Looked at once a minute.
    office.now = start + 59;
    await schedule.look();
    expect(["gov-1", "gov-2"].map(numberOf)).toEqual(numbers);
    office.now = start + 60;
    await schedule.look();
    for (const name of ["gov-1", "gov-2"]) {
      const { crlNumber, file } = office.publisher.current(office.issuer(name)) ?? {};
      expect([crlNumber, existsSync(file ?? "")]).toEqual([`${(start + 60) * 1_000}`, true]);
      expect(statSync(join(crlFolder(office.config.data), `${name}.crl`)).ino).toBe(
        statSync(file ?? "").ino,
      );
    }
    truncateSync(office.publisher.current(office.issuer("gov-2"))?.file ?? "", 100);
    office.now = start + 120;
    await schedule.look();
    expect([numberOf("gov-1"), numberOf("gov-2")]).toEqual([
      `${(start + 60) * 1_000}`,
      `${(start + 120) * 1_000}`,
    ]);
  });

  it("is made anew at a start", async () => {
    await schedule.look();
    const before = numberOf("gov-1");
    rmSync(crlFolder(office.config.data), { recursive: true });
    await office.reopen();
    office.now = start + 5;
    schedule = new CRLSchedule(office.desk, office.publisher);
    await schedule.look();
    expect(numberOf("gov-1")).not.toBe(before);
  });
});
