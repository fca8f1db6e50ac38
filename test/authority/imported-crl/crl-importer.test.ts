import { createPrivateKey, type KeyObject } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { importNewer } from "../../../src/authority/imported-crl/import-newer.ts";
import { crlFolder, workFolder } from "../../../src/config/data-files.ts";
import { OcspSource } from "../../../src/responder/ocsp-source.ts";
import { Served } from "../../../src/responder/served.ts";
import { publishedCRL } from "../../../src/store/crl-rows.ts";
import { readHeldCRLs } from "../../../src/store/held-crls.ts";
import { crlNumber, entry, handMadeCRL, utcTime } from "../../crl/hand-made-crl.ts";
import { ocspRequest } from "../../support/ocsp-client.ts";
import { opensslCRL } from "../../support/openssl-crl.ts";
import { makePki } from "../../support/openssl-pki.ts";
import { mustRun } from "../../support/run-program.ts";
import { serials } from "../office.ts";
import { type ImportOffice, openImportOffice } from "./import-office.ts";

let site: ImportOffice;

afterEach(async () => {
  await site.renewal.stop();
  await site.office.close();
});

const [a, b, c] = ["1a", "ff303ae4e90ac1ed", "7fffffffffffffffffffffffffffffffffffff01"] as const;
const NOW = Math.floor(Date.now() / 1000);

const status = (serialNumber: string): string =>
  site.office.octets(serialNumber) ? site.office.record(serialNumber).status : "unknown";
/** The first CRL lets answers be signed, and so they are. */
const signed = (serialNumber: string): Promise<void> =>
  expect.poll(() => site.office.record(serialNumber).hashes.length).toBe(2);
const caKey = (): KeyObject => createPrivateKey(readFileSync(site.office.pki.caKey));
const held = () => readHeldCRLs(site.office.desk.store, site.office.issuer().number);
const message = (report: { bad: readonly { message: string }[] }): string =>
  report.bad.map((bad) => bad.message).join();

describe("source: crl", () => {
  it("listed is revoked, with the CRL's reason and date; listed and unknown is known; signed", async () => {
    site = await openImportOffice("crl");
    await site.list([a, b]);
    const entries = [
      { serialNumber: b, reason: "keyCompromise", revokedAt: 1_760_000_123 },
      { serialNumber: c },
    ];
    expect(await site.bring({ crlNumber: 5, entries })).toEqual({
      ...{ read: 2, added: 1, changed: 1, unchanged: 0, bad: [], warnings: [] },
    });
    expect([a, b, c].map(status)).toEqual(["good", "revoked", "revoked"]);
    expect(site.office.record(b)).toMatchObject({ reason: 1, revocationDate: 1_760_000_123 });
    await signed(c);
    expect(held()).toMatchObject({ full: { crlNumber: "5", entries: 2 }, delta: null, lost: 0 });
  });

  it("again it changes nothing, and a dry run neither", async () => {
    site = await openImportOffice("crl");
    const der = opensslCRL(site.office.pki, { crlNumber: 5, entries: [{ serialNumber: a }] });
    expect(await site.bringOctets(der, true)).toMatchObject({ read: 1, added: 1 });
    expect([status(a), held()]).toEqual(["unknown", undefined]);
    await site.bringOctets(der);
    await signed(a);
    const before = site.office.octets(a);
    expect(await site.bringOctets(der)).toMatchObject({ read: 1, added: 0, unchanged: 1 });
    expect(site.office.octets(a)).toEqual(before);
  });

  it("is read in PEM, of v1 without a number, and without entries", async () => {
    site = await openImportOffice("crl");
    await site.list([a]);
    const der = opensslCRL(site.office.pki, { thisUpdate: NOW - 500 });
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    const pem = ["-----BEGIN X509 CRL-----", ...lines, "-----END X509 CRL-----", ""].join("\n");
    expect(await site.bringOctets(Buffer.from(pem))).toMatchObject({ read: 0, bad: [] });
    expect(held()?.full.crlNumber).toBe(null);
    expect(
      message(await site.bring({ thisUpdate: NOW - 500, entries: [{ serialNumber: a }] })),
    ).toMatch(/another CRL with the thisUpdate/);
    expect(message(await site.bring({ thisUpdate: NOW - 600 }))).toMatch(/is an older one/);
    expect(message(await site.bring({ thisUpdate: NOW - 400 }))).toBe("");
    // Its number may be any: those without had none.
    expect(message(await site.bring({ thisUpdate: NOW - 300, crlNumber: 1 }))).toBe("");
    expect(message(await site.bring({ thisUpdate: NOW - 200 }))).toMatch(/has no CRLNumber/);
    expect(publishedCRL(site.office.desk.store, 1, "full")?.crlNumber).toBe("1");
  });

  it("hands the CRL on, octet for octet", async () => {
    site = await openImportOffice("crl");
    const der = opensslCRL(site.office.pki, { crlNumber: 77, entries: [{ serialNumber: a }] });
    await site.bringOctets(der);
    const folder = crlFolder(site.office.config.data);
    expect(readFileSync(join(folder, "gov-1.crl")).equals(der)).toBe(true);
    expect(readFileSync(join(folder, "gov-1", "77.crl")).equals(der)).toBe(true);
    expect(publishedCRL(site.office.desk.store, site.office.issuer().number, "full")).toMatchObject(
      {
        ...{ crlNumber: "77", entries: 1, bytes: der.length, file: "gov-1/77.crl" },
      },
    );
    expect(readdirSync(workFolder(site.office.config.data))).toEqual([]);
  });

  it("that is in force is put back, with its name and its compressed form, where its file was lost", async () => {
    site = await openImportOffice("crl");
    const entries = serials(100).map((serialNumber) => ({ serialNumber }));
    const der = opensslCRL(site.office.pki, { crlNumber: 77, entries });
    const folder = crlFolder(site.office.config.data);
    await site.bringOctets(der);
    await site.compression.settled();
    rmSync(folder, { recursive: true });
    expect(await site.importer.isHandedOn(site.office.issuer())).toBe(false);
    expect(await site.bringOctets(der, true)).toMatchObject({ unchanged: 100 });
    expect(existsSync(folder)).toBe(false);
    expect(await site.bringOctets(der)).toMatchObject({ unchanged: 100, added: 0 });
    await site.compression.settled();
    for (const name of ["gov-1.crl", "gov-1/77.crl"]) {
      expect(readFileSync(join(folder, name)).equals(der)).toBe(true);
      expect(gunzipSync(readFileSync(join(folder, `${name}.gz`))).equals(der)).toBe(true);
    }
    expect(await site.importer.isHandedOn(site.office.issuer())).toBe(true);
  });

  it("is signed by nobody here, and `crl issue` says what to do", async () => {
    site = await openImportOffice("crl");
    const issuing = site.office.issueCRLs({});
    await expect(issuing).rejects.toThrow(/CRLs of gov-1 are imported, and none is signed here/);
  });

  it("without a crl section is used, and not handed on", async () => {
    site = await openImportOffice("crl", false);
    await site.bring({ crlNumber: 1, entries: [{ serialNumber: a }] });
    expect(status(a)).toBe("revoked");
    expect(existsSync(crlFolder(site.office.config.data))).toBe(false);
  });
});

describe("what left the CRL", () => {
  it("stays revoked where it has expired, and with an alarm where it has not", async () => {
    site = await openImportOffice("crl");
    await site.list([a], "2026-02-01T00:00:00Z");
    await site.list([b]);
    await site.bring({
      crlNumber: 1,
      entries: [a, b, c].map((serialNumber) => ({ serialNumber })),
    });
    const report = await site.bring({ crlNumber: 2, thisUpdate: NOW - 30 });
    expect([a, b, c].map(status)).toEqual(["revoked", "revoked", "revoked"]);
    // Of c no list named nobody knows until when it was valid.
    expect(report).toMatchObject({ added: 0, changed: 0, bad: [] });
    expect(report.warnings.join()).toMatch(new RegExp(`takes back 1 revocations .*\\(${b}\\)`));
    expect(held()?.lost).toBe(1);
    expect(site.office.errors.join()).toContain("takes back");
    const again = { crlNumber: 3, thisUpdate: NOW - 20, entries: [{ serialNumber: b }] };
    expect((await site.bring(again)).warnings).toEqual([]);
    expect(held()?.lost).toBe(0);
  });

  it("is released where it was on hold; what no list named is then unknown again", async () => {
    site = await openImportOffice("crl");
    await site.list([a]);
    const reason = "certificateHold";
    await site.bring({
      crlNumber: 1,
      entries: [a, b].map((one) => ({ serialNumber: one, reason })),
    });
    expect([a, b].map(status)).toEqual(["hold", "hold"]);
    const report = await site.bring({ crlNumber: 2, thisUpdate: NOW - 30 });
    expect(report).toMatchObject({ changed: 2, warnings: [] });
    expect([a, b].map(status)).toEqual(["good", "unknown"]);
    expect(site.office.desk.census.records).toBe(1);
  });

  it("a hold that becomes a revocation is one; a revocation never becomes a hold", async () => {
    site = await openImportOffice("crl");
    const held = [{ serialNumber: a, reason: "certificateHold" }];
    await site.bring({ crlNumber: 1, entries: held });
    const revoked = [{ serialNumber: a, reason: "superseded" }];
    await site.bring({ crlNumber: 2, thisUpdate: NOW - 30, entries: revoked });
    expect(site.office.record(a)).toMatchObject({ status: "revoked", reason: 4 });
    const { warnings } = await site.bring({ crlNumber: 3, thisUpdate: NOW - 20, entries: held });
    expect(warnings.length).toBe(1);
    expect(status(a)).toBe("revoked");
  });
});

describe("a CRL is refused, and nothing changes", () => {
  it("of another CA, of another key, tampered with, or none at all", async () => {
    site = await openImportOffice("crl");
    const { pki } = site.office;
    await site.bring({ crlNumber: 5 });
    const before = held();
    const other = makePki({ algorithm: "ec", leaves: 0, name: "Another CA" });
    const twin = makePki({ algorithm: "ec", leaves: 0 });
    const plan = { crlNumber: 6, thisUpdate: NOW - 30, entries: [{ serialNumber: a }] };
    expect(message(await site.bringOctets(opensslCRL(other, plan)))).toMatch(
      /it is a CRL of ".*Another CA.*", not of ".*Vouch Test CA.*"/,
    );
    expect(message(await site.bringOctets(opensslCRL(twin, plan)))).toMatch(
      /authorityKeyIdentifier names another key/,
    );
    // Without authorityKeyIdentifier the signature alone tells.
    expect(message(await site.bringOctets(opensslCRL(twin, { entries: plan.entries })))).toMatch(
      /signature does not verify/,
    );
    const der = opensslCRL(pki, plan);
    der[der.length - 3] = (der[der.length - 3] as number) ^ 1;
    expect(message(await site.bringOctets(der))).toMatch(/signature does not verify/);
    expect(message(await site.bringOctets(Buffer.from("hello")))).toMatch(/bad PEM/);
    expect(message(await site.bringOctets(opensslCRL(pki, plan).subarray(0, -1)))).toMatch(
      /ends too/,
    );
    expect(message(await site.bringOctets(Buffer.alloc(0)))).toMatch(/ends too early/);
    expect([status(a), held()]).toEqual(["unknown", before]);
    other.remove();
    twin.remove();
  });

  it("and is listed with the reason until one is used, but for a dry run", async () => {
    site = await openImportOffice("crl");
    const listed = () => site.office.publisher.list(site.office.issuer());
    await site.bring({ crlNumber: 7 });
    const reason = expect.stringMatching(/goes back behind 7/);
    await site.bring({ crlNumber: 6 }, true);
    expect(listed()).toHaveLength(1);
    await site.bring({ crlNumber: 6, entries: [{ serialNumber: a }] });
    expect(listed()).toMatchObject([
      { ...{ scope: "full", crlNumber: "6", entries: 1, file: "brought.crl" }, refused: reason },
      { crlNumber: "7", refused: null },
    ]);
    await site.bringOctets(Buffer.from("no CRL"));
    expect(listed()[0]).toEqual({
      ...{ issuer: "gov-1", scope: "full", crlNumber: null, baseCRLNumber: null },
      ...{ thisUpdate: null, nextUpdate: null, entries: null, bytes: null, sha256: null },
      ...{ file: "brought.crl", refused: expect.stringMatching(/./) },
    });
    await site.bring({ crlNumber: 8 });
    expect(listed().map(({ crlNumber, refused }) => [crlNumber, refused])).toEqual([
      ["8", null],
      ["7", null],
    ]);
  });

  it("that is older, another with its number, expired, or not begun", async () => {
    site = await openImportOffice("crl");
    await site.bring({ crlNumber: 5, thisUpdate: NOW - 500 });
    const entries = [{ serialNumber: a }];
    const refusedAs: [Parameters<ImportOffice["bring"]>[0], RegExp][] = [
      [{ crlNumber: 4, thisUpdate: NOW - 400, entries }, /number 4 goes back behind 5/],
      [
        { crlNumber: 5, thisUpdate: NOW - 400, entries },
        /another CRL with the number of the one held here, 5/,
      ],
      [{ crlNumber: 6, thisUpdate: NOW - 1000, entries }, /is before that of the CRL held here/],
      [{ crlNumber: 6, thisUpdate: NOW - 400, nextUpdate: NOW - 1, entries }, /it expired at/],
      [{ crlNumber: 6, thisUpdate: NOW + 3600, entries }, /lies ahead/],
    ];
    for (const [plan, reason] of refusedAs) expect(message(await site.bring(plan))).toMatch(reason);
    expect([status(a), held()?.full.crlNumber]).toEqual(["unknown", "5"]);
  });

  it("that is about less than everything, or has what is not known here", async () => {
    site = await openImportOffice("crl", { url: "http://crl.example/a.crl" });
    const idp = (text: string) => ({
      crlNumber: 1,
      extensions: `issuingDistributionPoint=critical,@i\n[i]\n${text}`,
    });
    expect(message(await site.bring(idp("onlyuser=TRUE")))).toMatch(
      /covers users' certificates only/,
    );
    expect(message(await site.bring(idp("onlyCA=TRUE")))).toMatch(/covers CAs' certificates only/);
    expect(message(await site.bring(idp("indirectCRL=TRUE")))).toMatch(/indirect CRL/);
    expect(message(await site.bring(idp("onlyAA=TRUE")))).toMatch(/attribute certificates/);
    expect(message(await site.bring(idp("onlysomereasons=keyCompromise")))).toMatch(
      /some revocation reasons/,
    );
    expect(message(await site.bring(idp("fullname=URI:http://crl.example/b.crl")))).toMatch(
      /is of http:\/\/crl\.example\/b\.crl .* crl\.url is http:\/\/crl\.example\/a\.crl/,
    );
    const unknown = { crlNumber: 1, extensions: "1.2.3.4 = critical, DER:0500" };
    expect(message(await site.bring(unknown))).toMatch(/critical extensions .*1\.2\.3\.4/);
    expect(message(await site.bring({ crlNumber: 1, extensions: "1.2.3.4 = DER:0500" }))).toBe("");
  });

  it("a CA may begin to name its URL, and leave it out again; its deltas name what their base does", async () => {
    const url = "http://crl.example/a.crl";
    site = await openImportOffice("crl", { url });
    const named = { extensions: `issuingDistributionPoint=critical,@i\n[i]\nfullname=URI:${url}` };
    const delta = (base: number) =>
      ({ extensions: `deltaCRL=critical,DER:0201${base.toString(16).padStart(2, "0")}` }) as const;
    expect(message(await site.bring({ crlNumber: 1 }))).toBe("");
    expect(message(await site.bring({ crlNumber: 2, ...named }))).toBe("");
    expect(message(await site.bring({ crlNumber: 3, ...delta(2) }))).toMatch(
      /delta to another one/,
    );
    expect(message(await site.bring({ crlNumber: 4 }))).toBe("");
    expect(message(await site.bring({ crlNumber: 5, ...delta(4) }))).toBe("");
    expect(held()).toMatchObject({ full: { crlNumber: "4" }, delta: { crlNumber: "5" } });
  });

  it("without crl.url nobody knows what another distribution point covers", async () => {
    site = await openImportOffice("crl");
    const named =
      "issuingDistributionPoint=critical,@i\n[i]\nfullname=URI:http://crl.example/7.crl";
    expect(message(await site.bring({ crlNumber: 1 }))).toBe("");
    expect(message(await site.bring({ crlNumber: 2, extensions: named }))).toMatch(
      /may cover something else; if it covers all, name its URL in crl\.url/,
    );
    expect(held()?.full.crlNumber).toBe("1");
  });
});

describe("a delta CRL", () => {
  it("is applied to its base, one after the other; the next full one goes on from it", async () => {
    site = await openImportOffice("crl");
    await site.list([a, b]);
    const onHold = [{ serialNumber: a, reason: "certificateHold" }];
    expect(message(await site.bring({ crlNumber: 11, base: 10, entries: onHold }))).toMatch(
      /delta to CRL 10: import that full CRL/,
    );
    await site.bring({ crlNumber: 10, thisUpdate: NOW - 500 });
    await site.bring({ crlNumber: 11, base: 10, thisUpdate: NOW - 400, entries: onHold });
    expect([a, b].map(status)).toEqual(["hold", "good"]);
    expect(held()).toMatchObject({ full: { crlNumber: "10" }, delta: { crlNumber: "11" } });
    const released = [{ serialNumber: a, reason: "removeFromCRL" }, { serialNumber: b }];
    expect(
      message(
        await site.bring({ crlNumber: 11, base: 10, thisUpdate: NOW - 350, entries: released }),
      ),
    ).toMatch(/another CRL with the number/);
    await site.bring({ crlNumber: 12, base: 10, thisUpdate: NOW - 300, entries: released });
    expect([a, b].map(status)).toEqual(["good", "revoked"]);
    expect(message(await site.bring({ crlNumber: 13, base: 12, thisUpdate: NOW - 200 }))).toMatch(
      /delta to CRL 12, and the full CRL held here is 10/,
    );
    expect(message(await site.bring({ crlNumber: 11, thisUpdate: NOW - 200 }))).toMatch(
      /below that of the delta applied here, 12/,
    );
    await site.bring({ crlNumber: 12, thisUpdate: NOW - 200, entries: [{ serialNumber: b }] });
    expect(held()).toMatchObject({ full: { crlNumber: "12" }, delta: null });
    expect([a, b].map(status)).toEqual(["good", "revoked"]);
    const folder = crlFolder(site.office.config.data);
    expect(readdirSync(join(folder, "gov-1-delta")).sort()).toEqual(["11.crl", "12.crl"]);
    const text = mustRun("openssl", [
      "crl",
      "-inform",
      "DER",
      "-in",
      join(folder, "gov-1-delta.crl"),
      "-noout",
      "-text",
    ]);
    expect(text).toMatch(/Delta CRL Indicator: critical\s+10/);
  });

  it("that came with the full CRL held here says nothing new, and is no fault", async () => {
    site = await openImportOffice("crl");
    const entries = [{ serialNumber: a }];
    await site.bring({ crlNumber: 12, thisUpdate: NOW - 500, entries });
    const delta = { crlNumber: 12, base: 11, thisUpdate: NOW - 500, entries };
    const unchanged = { added: 0, changed: 0, unchanged: 1, bad: [] };
    expect(await site.bring(delta)).toMatchObject(unchanged);
    expect(held()).toMatchObject({ full: { crlNumber: "12" }, delta: null });
    expect(message(await site.bring({ ...delta, crlNumber: 11 }))).toMatch(/not above the full/);
  });

  it("takes back no revocation, and a full one may not say removeFromCRL", async () => {
    site = await openImportOffice("crl");
    await site.list([a]);
    await site.bring({ crlNumber: 1, thisUpdate: NOW - 500, entries: [{ serialNumber: a }] });
    const entries = [{ serialNumber: a, reason: "removeFromCRL" }];
    const { warnings } = await site.bring({
      crlNumber: 2,
      base: 1,
      thisUpdate: NOW - 400,
      entries,
    });
    expect([status(a), warnings.length]).toEqual(["revoked", 1]);
    expect(message(await site.bring({ crlNumber: 3, entries }))).toMatch(
      /removeFromCRL, which only a delta/,
    );
  });
});

describe("answers of an issuer whose status comes from CRLs", () => {
  it("are there only while a CRL is in force, end with it, and are signed anew for the next", async () => {
    site = await openImportOffice("crl");
    const { office } = site;
    office.now = NOW;
    await site.list([a]);
    expect(office.record(a).hashes).toEqual([]);
    await site.bring({ crlNumber: 1, thisUpdate: NOW - 60, nextUpdate: NOW + 600 });
    const renewed = async (nextUpdate: number): Promise<void> => {
      await expect.poll(() => office.record(a).nextUpdate).toBe(nextUpdate);
    };
    await renewed(NOW + 600);
    await site.bring({
      crlNumber: 2,
      thisUpdate: NOW - 50,
      nextUpdate: NOW + 1200,
      entries: [{ serialNumber: b }],
    });
    await renewed(NOW + 1200);
    expect(office.record(b).nextUpdate).toBe(NOW + 1200);
    office.now = NOW + 1300;
    await site.list([c]);
    expect(office.record(c).hashes).toEqual([]);
  });
});

describe("a CRL that ends earlier than the one before", () => {
  const LONG = 28_800;
  /** When a responder's answer ends now, or why there is none. */
  const served = (serialNumber: string): number | string => {
    const { desk, pki } = site.office;
    const view = new Served(desk.store, crlFolder(site.office.config.data));
    view.refresh();
    const der = ocspRequest(pki, serialNumber);
    const found = new OcspSource(desk.store, view).find(der, 0, der.length, NOW);
    return typeof found === "object" ? found.nextUpdate : (found ?? "not plain");
  };
  const brought = (crlNumber: number, nextUpdate: number, serialNumbers: string[] = []) =>
    site.bring({
      ...{ crlNumber, nextUpdate, thisUpdate: NOW - 100 + crlNumber },
      entries: serialNumbers.map((serialNumber) => ({ serialNumber })),
    });
  const allEnd = async (end: number): Promise<void> => {
    await expect
      .poll(() => [a, b].map((one) => site.office.record(one).nextUpdate))
      .toEqual([end, end]);
    expect([a, b].map(served)).toEqual([end, end]);
  };
  const open = async (crl?: false): Promise<void> => {
    site = await openImportOffice("crl", crl);
    site.office.now = NOW;
    await site.list([a, b]);
    await brought(1, NOW + LONG);
    await allEnd(NOW + LONG);
  };

  it("no answer that outlives it is served, and all are signed anew; a longer one prolongs them", async () => {
    await open();
    await brought(2, NOW + 3_600, [b]);
    expect(site.office.record(b).nextUpdate).toBe(NOW + 3_600);
    await allEnd(NOW + 3_600);
    // Each answer's thisUpdate comes after that of the one before.
    site.office.now = NOW + 10;
    await brought(3, NOW + LONG, [b]);
    await allEnd(NOW + LONG);
  });

  it("is so where CRLs are not handed on, too, from the moment that it is in force", async () => {
    await open(false);
    const gate = Promise.withResolvers<void>();
    site.office.beforeAnswers = () => gate.promise;
    await brought(2, NOW + 3_600);
    expect([a, b].map(served)).toEqual(["stale", "stale"]);
    gate.resolve();
    await allEnd(NOW + 3_600);
  });
});

it("the CRL that is published is the newest that was imported", async () => {
  site = await openImportOffice("crl");
  const { office } = site;
  for (const crlNumber of [10, 20, 34, 100]) {
    await site.bring({ crlNumber });
    expect(office.publisher.current(office.issuer())?.crlNumber).toBe(String(crlNumber));
  }
});

it("a newer one whose file outlived the store is used at the start, and an older one is not", async () => {
  site = await openImportOffice("crl");
  const { office } = site;
  const folder = crlFolder(office.config.data);
  await site.bring({ crlNumber: 5, thisUpdate: NOW - 500 });
  const put = (plan: Parameters<ImportOffice["bring"]>[0]) => {
    rmSync(join(folder, "gov-1.crl"));
    writeFileSync(join(folder, "gov-1.crl"), opensslCRL(office.pki, plan));
    return importNewer(office.desk, site.importer, folder);
  };
  const entries = [{ serialNumber: a }];
  await put({ crlNumber: 4, thisUpdate: NOW - 900, entries });
  expect([held()?.full.crlNumber, office.errors]).toEqual(["5", []]);
  await put({ crlNumber: 7, thisUpdate: NOW - 400, entries });
  expect([held()?.full.crlNumber, status(a)]).toEqual(["7", "revoked"]);
  expect(publishedCRL(office.desk.store, office.issuer().number, "full")?.crlNumber).toBe("7");
  expect(readdirSync(join(folder, "gov-1")).toSorted()).toEqual(["5.crl", "7.crl"]);
});

it("that a newer one cannot be imported at the start is logged, and nothing else comes of it", async () => {
  site = await openImportOffice("crl");
  const { office } = site;
  const folder = crlFolder(office.config.data);
  await site.bring({ crlNumber: 5, thisUpdate: NOW - 500 });
  rmSync(join(folder, "gov-1.crl"));
  const newer = opensslCRL(office.pki, { crlNumber: 7, thisUpdate: NOW - 400 });
  writeFileSync(join(folder, "gov-1.crl"), newer);
  const full = { import: () => Promise.reject(new Error("ENOSPC: no space left on device")) };
  await importNewer(office.desk, full, folder);
  expect(office.errors).toEqual([expect.stringContaining("a newer CRL was not imported")]);
  expect(held()?.full.crlNumber).toBe("5");
});

describe("a certificate list for source: crl", () => {
  it("says what was issued, and until when; never what is revoked", async () => {
    site = await openImportOffice("crl");
    const { office } = site;
    const row = (serialNumber: string, more: object) => ({
      ...{ serialNumber, notAfter: null, status: "good" as const, reason: null },
      ...{ revocationDate: null, invalidityDate: null, file: "l", line: 1, ...more },
    });
    expect(message(await office.import([row(a, {})]))).toMatch(/notAfter is needed/);
    const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
    const ends = { notAfter: "2036-01-01T00:00:00Z" };
    expect(message(await office.import([row(a, { ...revoked, ...ends })]))).toMatch(
      /import the newest CRL/,
    );
    await site.bring({ crlNumber: 1, entries: [{ serialNumber: a }] });
    expect(office.record(a).notAfter).toBe(undefined);
    // What is revoked learns its end from the list.
    expect(await office.import([row(a, { ...ends, claims: "issuance" })])).toMatchObject({
      changed: 1,
    });
    expect(office.record(a)).toMatchObject({
      status: "revoked",
      notAfter: Date.UTC(2036, 0, 1) / 1000,
    });
    expect(await office.import([row(a, { ...revoked, ...ends })])).toMatchObject({ unchanged: 1 });
    // The CRL is newer than a list that says good of it.
    expect(await office.import([row(a, ends)])).toMatchObject({ unchanged: 1, bad: [] });
    expect(status(a)).toBe("revoked");
  });

  it("that says good of what is on hold tells that it was issued: good once the CRL leaves it out", async () => {
    site = await openImportOffice("crl");
    await site.bring({ crlNumber: 1, entries: [{ serialNumber: a, reason: "certificateHold" }] });
    await site.list([a]);
    expect(status(a)).toBe("hold");
    await site.bring({ crlNumber: 2 });
    expect(status(a)).toBe("good");
  });
});

describe("source: issued", () => {
  it("what a CRL lists is revoked; without crl.signer it is handed on as well", async () => {
    site = await openImportOffice("issued");
    await site.list([a, b]);
    const entries = [{ serialNumber: a, reason: "superseded" }, { serialNumber: c }];
    expect(await site.bring({ crlNumber: 1, entries })).toMatchObject({
      read: 2,
      added: 1,
      changed: 1,
      bad: [],
    });
    expect([a, b, c].map(status)).toEqual(["revoked", "good", "revoked"]);
    expect(existsSync(join(crlFolder(site.office.config.data), "gov-1.crl"))).toBe(true);
    // What it no longer lists says nothing here.
    expect(await site.bring({ crlNumber: 2, thisUpdate: NOW - 30 })).toMatchObject({
      changed: 0,
      warnings: [],
    });
    expect(status(a)).toBe("revoked");
    expect(message(await site.bring({ crlNumber: 1, thisUpdate: NOW - 20 }))).toMatch(/goes back/);
  });

  it("a serial number below zero is a bad line, and no other certificate's", async () => {
    site = await openImportOffice("issued", false);
    await site.list(["ff"]);
    const parts = { issuer: site.office.issuer().certificate.subject, key: caKey() };
    const crl = handMadeCRL({
      ...parts,
      entries: [entry("ff", utcTime(-9))],
      extensions: [crlNumber()],
    });
    const report = await site.bringOctets(crl);
    expect(report).toMatchObject({ read: 1, added: 0, changed: 0 });
    expect(message(report)).toMatch(/"-1" is no serial number/);
    expect(status("ff")).toBe("good");
  });

  it("without a crl section takes any CRL of the CA, also one past its time; hold by the switch", async () => {
    site = await openImportOffice("issued", false);
    const old = { crlNumber: 3, thisUpdate: NOW - 5000, nextUpdate: NOW - 100 };
    const entries = [{ serialNumber: a }, { serialNumber: b, reason: "certificateHold" }];
    const report = await site.bring({ ...old, entries });
    expect(report).toMatchObject({ read: 2, added: 1 });
    expect(message(report)).toMatch(/certificateHold.*switched off/);
    expect([a, b].map(status)).toEqual(["revoked", "unknown"]);
    expect(held()).toBe(undefined);
  });
});
