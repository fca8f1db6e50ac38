import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { writeCRLRow } from "../../src/store/crl-rows.ts";
import { recordKey } from "../../src/store/keys.ts";
import { mustRun } from "../support/run-program.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

let office: Office;

afterEach(() => office.close());

const issue = (): Promise<PublishedCRL> => office.issueCRL();

/** What `openssl crl` reads in a file, having verified it: its number, and the serial numbers that it lists. */
function opensslReads(file: string): { crlNumber: string; listed: string[]; text: string } {
  const args = ["crl", "-inform", "DER", "-in", file, "-CAfile", office.pki.caCertificate];
  const text = mustRun("openssl", [...args, "-noout", "-text", "-verify"]);
  const [, number = ""] = /X509v3 CRL Number:\s*(\S+)/.exec(text) ?? [];
  const listed = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, hex = ""]) =>
    hex.toLowerCase(),
  );
  return { crlNumber: BigInt(number).toString(), listed, text };
}

function expectWhole(crl: PublishedCRL): string[] {
  const octets = readFileSync(crl.file);
  expect([octets.length, createHash("sha256").update(octets).digest("hex")]).toEqual([
    crl.bytes,
    crl.sha256,
  ]);
  const { crlNumber, listed } = opensslReads(crl.file);
  expect([crlNumber, listed.length]).toEqual([crl.crlNumber, crl.entries]);
  return listed;
}

function expectRising(crls: readonly PublishedCRL[]): void {
  for (const [index, crl] of crls.entries()) {
    const before = crls[index - 1];
    if (!before) continue;
    expect(BigInt(crl.crlNumber)).toBeGreaterThan(BigInt(before.crlNumber));
    expect(crl.thisUpdate >= before.thisUpdate).toBe(true);
  }
}

describe("the CRLNumber", () => {
  it("rises in one second, with a clock that steps back, after a restart, and of several at once", async () => {
    office = await openOffice({ crl: {} });
    const crls = [await issue(), await issue()];
    office.now = Date.now() / 1000 - 86_400;
    crls.push(await issue());
    await office.reopen();
    crls.push(await issue());
    crls.push(...(await Promise.all([issue(), issue(), issue(), issue()])));
    office.now = undefined;
    crls.push(await issue());
    expectRising(crls);
    for (const crl of crls) expectWhole(crl);
    expect(office.publisher.list(office.issuer())).toEqual(crls.toReversed());
  });

  it("is used up by a CRL that is refused", async () => {
    office = await openOffice({ crl: {} });
    const [a] = serials(1) as [string];
    await office.import([row(a, { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" })]);
    const crls = [await issue()];
    const putBack = await takeAway(a);
    crls.push(await issue());
    await putBack();
    crls.push(await issue());
    expectRising(crls);
    expect(crls.map(({ refused }) => refused !== null)).toEqual([false, true, false]);
  });
});

/** Takes a certificate out of what is revoked, as no rule does; resolves with the way back. */
async function takeAway(serialNumber: string): Promise<() => Promise<void>> {
  const { store } = office.desk;
  const key = recordKey(office.issuer().number, serial(serialNumber));
  store.refresh();
  const value = store.get("revoked", key);
  if (!value) throw new Error(`${serialNumber} is not revoked`);
  await store.transact((transaction) => transaction.remove("revoked", key));
  return () => store.transact((transaction) => transaction.put("revoked", key, value));
}

describe("a CRL that is refused", () => {
  it("leaves the previous one: its row, its file, its name; and is counted", async () => {
    office = await openOffice({ crl: {} });
    const [a, b] = serials(2) as [string, string];
    const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
    await office.import([row(a, revoked), row(b, revoked)]);
    const good = await issue();
    const published = join(crlFolder(office.config.data), "gov-1.crl");
    const octets = readFileSync(published);
    const putBack = await takeAway(b);
    const refused = await issue();
    expect(refused.refused).toMatch(
      new RegExp(`1 certificates left it too early, ${b} among them`),
    );
    expect(existsSync(refused.file)).toBe(false);
    expect(office.publisher.published(office.issuer(), "full")?.crlNumber).toBe(good.crlNumber);
    expect(readFileSync(published)).toEqual(octets);
    expectWhole(good);
    expect(office.errors.join()).toContain("CRL refused");
    await putBack();
    expect(expectWhole(await issue())).toEqual([a, b]);
  });

  it("since the key is another's: the list says so, once, and the key that is put back signs", async () => {
    office = await openOffice({ crl: {} });
    const good = await issue();
    const { keyFile = "" } = office.issuer().crlSigner ?? {};
    const key = readFileSync(keyFile);
    mustRun("openssl", [
      "genpkey",
      "-algorithm",
      "EC",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-out",
      keyFile,
    ]);
    await office.reopen();
    for (let i = 0; i < 3; i++) {
      expect((await issue()).refused).toContain("is not the key of the certificate");
    }
    const shown = office.publisher.list(office.issuer());
    expect(shown.map(({ refused }) => refused === null)).toEqual([false, true]);
    expect(office.publisher.current(office.issuer())).toEqual(good);
    writeFileSync(keyFile, key);
    await office.reopen();
    expect((await issue()).refused).toBeNull();
  });

  it("and a hundred and fifty after it: the last good one is still the published one", async () => {
    office = await openOffice({ crl: {} });
    const good = await issue();
    const { number } = office.issuer();
    await office.desk.store.transact((transaction) => {
      for (let more = 1n; more <= 150n; more++) {
        const crlNumber = (BigInt(good.crlNumber) + more).toString();
        const { entries, bytes, sha256 } = good;
        writeCRLRow(transaction, number, {
          ...{ scope: "full", crlNumber, entries, bytes, sha256 },
          ...{ baseCRLNumber: null, sequence: null, endedHolds: [] },
          ...{ thisUpdate: office.clock(), nextUpdate: office.clock() + 60 },
          ...{ file: "none", refused: "planted" },
        });
      }
    });
    expect(office.publisher.published(office.issuer(), "full")?.crlNumber).toBe(good.crlNumber);
  });
});

describe("what has expired", () => {
  const DAY = 86_400;
  const [expiring, lasting] = serials(2) as [string, string];

  async function open(keepExpired: boolean): Promise<number> {
    office = await openOffice({ crl: { keepExpired } });
    const start = Math.floor(Date.now() / 1000);
    office.now = start;
    const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
    const ends = { notAfter: rfc3339(start + DAY) };
    await office.import([row(expiring, { ...revoked, ...ends }), row(lasting, revoked)]);
    return start;
  }

  it("leaves with keepExpired: false only after a CRL that came after its expiry has listed it", async () => {
    const start = await open(false);
    expect(expectWhole(await issue())).toEqual([expiring, lasting]);
    office.now = start + DAY - 10;
    expect(expectWhole(await issue())).toEqual([expiring, lasting]);
    office.now = start + DAY + 10;
    expect(expectWhole(await issue())).toEqual([expiring, lasting]);
    office.now = start + DAY + 20;
    expect(expectWhole(await issue())).toEqual([lasting]);
    expect(expectWhole(await issue())).toEqual([lasting]);
  });

  it("comes back where keepExpired is switched on", async () => {
    const start = await open(false);
    for (const later of [0, DAY + 10, DAY + 20]) {
      office.now = start + later;
      await issue();
    }
    expect(office.publisher.current(office.issuer())?.entries).toBe(1);
    const text = readFileSync(office.config.file, "utf8");
    writeFileSync(office.config.file, text.replace("keepExpired: false", "keepExpired: true"));
    await office.reload();
    const crl = await issue();
    expect(crl.refused).toBeNull();
    expect(expectWhole(crl)).toEqual([expiring, lasting]);
  });

  it("stays with keepExpired: true, and the CRL says since when it keeps", async () => {
    const start = await open(true);
    for (const later of [0, DAY + 10, DAY + 20, 20 * DAY]) {
      office.now = start + later;
      const crl = await issue();
      expect(expectWhole(crl)).toEqual([expiring, lasting]);
      expect(opensslReads(crl.file).text).toMatch(/2\.5\.29\.60|Expired/i);
    }
  });
});

describe("the files of earlier CRLs", () => {
  it("stay for the last twenty, and what a crash left half done goes", async () => {
    office = await openOffice({ crl: {} });
    const first = await issue();
    for (let more = 0; more < 22; more++) await issue();
    const names = readdirSync(dirname(first.file));
    expect(names).toHaveLength(20);
    const [newest] = office.publisher.list(office.issuer());
    expect(names).toContain(`${newest?.crlNumber}.crl`);
    expect(existsSync(first.file)).toBe(false);
  });
});
