import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { lastSequence } from "../../src/authority/revoked-walk.ts";
import { crlFolder, dataFile } from "../../src/config/data-files.ts";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { readJournal } from "../../src/store/journal.ts";
import { changeKey, recordKey } from "../../src/store/keys.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

const DAY = 86_400;
const URL = "http://crl.example.vn/crl/gov-1.crl";
const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;

let office: Office;

afterEach(() => office.close());

function open(crl: Record<string, unknown> = {}, hold = true): Promise<Office> {
  return openOffice({ crl, issuers: () => [{ name: "gov-1", more: { hold } }] });
}

function listed(crl: PublishedCRL): string[] {
  const names: string[] = [];
  readCertificateList(readFileSync(crl.file), ({ serialNumber }) =>
    names.push(serialNumberText(serialNumber)),
  );
  return names;
}

/** Puts rows into what is revoked, as no rule does. */
function plant(names: readonly string[]): Promise<void> {
  const value = encodeRevocation({
    reason: 1,
    revocationDate: 1_780_000_000,
    invalidityDate: undefined,
  });
  return office.desk.store.transact((transaction) => {
    for (const name of names) {
      transaction.put("revoked", recordKey(office.issuer().number, serial(name)), value);
    }
  });
}

function lastEvent(): ReturnType<typeof readJournal> {
  office.desk.store.refresh();
  return readJournal(office.desk.store, lastSequence(office.desk.store));
}

describe("a CRL with more new entries than the journal has events", () => {
  it("is refused, and with a reason is published and journalled", async () => {
    office = await open();
    await office.issueCRL();
    await plant(serials(3));
    const refused = await office.issueCRL();
    expect(refused.refused).toBe(
      "3 certificates came to it, and the journal has 1 events since the one before",
    );
    const [forced] = await office.issueCRLs({ force: "rows put back by hand, ticket 7" });
    expect(forced).toMatchObject({ refused: null, entries: 3 });
    expect(lastEvent()).toMatchObject({
      ...{ action: "crl", by: "test", crlNumber: forced?.crlNumber },
      force: "rows put back by hand, ticket 7",
    });
    expect((await office.issueCRL()).refused).toBeNull();
  });
});

describe("a CRL that most entries leave at once", () => {
  it("is refused, even if each of them may leave; with a reason it is published", async () => {
    office = await open();
    const names = serials(1_001);
    const onHold = { status: "hold", reason: "certificateHold" } as const;
    const rows = names.map((name) => row(name, { ...revoked, ...onHold }));
    for (const half of [rows.slice(0, 600), rows.slice(600)]) await office.import(half);
    expect((await office.issueCRL()).entries).toBe(1_001);
    await office.release(names);
    expect((await office.issueCRL()).refused).toBe("1001 of 1001 certificates left it at once");
    const [forced] = await office.issueCRLs({ force: "the strike is over" });
    expect(forced).toMatchObject({ refused: null, entries: 0 });
  });
});

describe("a certificate whose hold was released", () => {
  it("may leave, also when it is imported or suspended anew before the CRL is judged", async () => {
    office = await open();
    const [a, b] = serials(2) as [string, string];
    await office.import([row(a), row(b)]);
    await office.hold([a, b]);
    expect(listed(await office.issueCRL())).toEqual([a, b]);
    await office.release([a, b]);
    await office.import([row(a, { notAfter: "2037-01-01T00:00:00Z" })]);
    office.afterCRL = () => office.hold([b]);
    const without = await office.issueCRL();
    expect([without.refused, listed(without)]).toEqual([null, []]);
    office.afterCRL = () => Promise.resolve();
    expect(listed(await office.issueCRL())).toEqual([b]);
  });
});

describe("a hold where the issuer's policy has none", () => {
  it("is not listed: the CRL is refused for its reason", async () => {
    office = await open({}, false);
    const [a] = serials(1) as [string];
    await office.import([row(a)]);
    await office.issueCRL();
    const value = encodeRevocation({
      reason: 6,
      revocationDate: 1_780_000_000,
      invalidityDate: undefined,
    });
    const key = recordKey(office.issuer().number, serial(a));
    await office.desk.store.transact((transaction) => transaction.put("revoked", key, value));
    expect((await office.issueCRLs({ force: "no reason helps" }))[0]?.refused).toBe("reason");
  });
});

describe("with keepExpired: false, a certificate that is revoked after its expiry", () => {
  it("is listed once, and then leaves", async () => {
    office = await open({ keepExpired: false });
    const start = Math.floor(Date.now() / 1000);
    office.now = start;
    const [a] = serials(1) as [string];
    await office.import([row(a, { notAfter: rfc3339(start + DAY) })]);
    office.now = start + 2 * DAY;
    await office.issueCRL();
    await office.revoke([a]);
    office.now += 60;
    expect(listed(await office.issueCRL())).toEqual([a]);
    office.now += 60;
    const left = await office.issueCRL();
    expect([left.refused, listed(left)]).toEqual([null, []]);
  });
});

describe("a delta", () => {
  it("that no longer tells of a change since its base is refused", async () => {
    office = await open({ url: URL, delta: "1h" });
    const [a, b] = serials(2) as [string, string];
    await office.import([row(a), row(b)]);
    await office.issueCRLs();
    await office.revoke([a]);
    const { sequence } = await office.revoke([b]);
    expect((await office.issueCRLs({ kinds: "delta" }))[0]).toMatchObject({
      refused: null,
      entries: 2,
    });
    const key = changeKey(office.issuer().number, sequence as number);
    await office.desk.store.transact((transaction) => transaction.remove("changes", key));
    const [refused] = await office.issueCRLs({ kinds: "delta" });
    expect(refused?.refused).toBe(`1 certificates left it too early, ${b} among them`);
  });
});

describe("a store that was put back to an earlier state", () => {
  it("does not take back what relying parties saw revoked, nor a number", async () => {
    office = await open({ url: URL, delta: "1h" });
    const [a, b] = serials(2) as [string, string];
    await office.import([row(a), row(b)]);
    await office.revoke([a]);
    await office.issueCRLs();
    const kept = join(office.folder, "earlier.mdb");
    await office.shut();
    copyFileSync(dataFile(office.config.data), kept);
    await office.open();
    await office.revoke([b]);
    const seen = await office.issueCRL();
    expect(listed(seen)).toEqual([a, b]);
    await office.shut();
    copyFileSync(kept, dataFile(office.config.data));
    await office.open();
    await office.publisher.mend();
    // What relying parties saw last is served on.
    expect(office.publisher.current(office.issuer())).toEqual(seen);
    // By a clock that is behind, too.
    office.now = Math.floor(Date.now() / 1000) - 30 * DAY;
    const refused = await office.issueCRLs();
    expect(refused.map(({ scope }) => scope)).toEqual(["full"]);
    expect(refused[0]?.refused).toBe(`1 certificates left it too early, ${b} among them`);
    await expect(office.issueCRLs({ kinds: "delta" })).rejects.toThrow(/no full CRL in force/);
    const published = join(crlFolder(office.config.data), "gov-1.crl");
    expect(readFileSync(published)).toEqual(readFileSync(seen.file));
    await office.revoke([b]);
    const next = await office.issueCRL();
    expect([next.refused, listed(next)]).toEqual([null, [a, b]]);
    expect(BigInt(next.crlNumber)).toBeGreaterThan(BigInt(seen.crlNumber));
    expect(next.thisUpdate >= seen.thisUpdate).toBe(true);
  });

  it("does not take back what they saw on a delta alone", async () => {
    office = await open({ url: URL, delta: "1h" });
    const [a, b] = serials(2) as [string, string];
    await office.import([row(a), row(b)]);
    await office.issueCRLs();
    await office.revoke([a]);
    await office.issueCRLs({ kinds: "delta" });
    const kept = join(office.folder, "earlier.mdb");
    await office.shut();
    copyFileSync(dataFile(office.config.data), kept);
    await office.open();
    await office.revoke([b]);
    const [seen] = await office.issueCRLs({ kinds: "delta" });
    expect(seen?.entries).toBe(2);
    await office.shut();
    copyFileSync(kept, dataFile(office.config.data));
    await office.open();
    const refused = await office.issueCRLs();
    const why = `1 certificates left it too early, ${b} among them`;
    expect(refused.map((crl) => crl.refused)).toEqual([
      `the delta of the same state was refused: ${why}`,
      why,
    ]);
    const delta = join(crlFolder(office.config.data), "gov-1-delta.crl");
    expect(readFileSync(delta)).toEqual(readFileSync(seen?.file ?? ""));
    await office.revoke([b]);
    const next = await office.issueCRLs();
    expect(next.map((crl) => crl.refused)).toEqual([null, null]);
    for (const { crlNumber } of next) {
      expect(BigInt(crlNumber)).toBeGreaterThan(BigInt(seen?.crlNumber ?? 0));
    }
    expect(listed(next[0] as PublishedCRL)).toEqual([a, b]);
  });
});
