import { afterEach, beforeEach, expect, it } from "vitest";
import type { CertificateStatus } from "../../../src/authority/admin-types.ts";
import { certificateStatusAt } from "../../../src/authority/status-then.ts";
import { serial } from "../office.ts";
import { type ImportOffice, openImportOffice } from "./import-office.ts";

let site: ImportOffice;
const [listed, first] = ["1a", "1b"] as const;
const REVOKED_AT = 1_760_000_123;

beforeEach(async () => {
  site = await openImportOffice("crl", {}, { hold: true });
});

afterEach(async () => {
  await site.renewal.stop();
  await site.office.close();
});

const then = (serialNumber: string, at: number): CertificateStatus =>
  certificateStatusAt(site.office.desk, site.office.issuer(), serial(serialNumber), at);

it("what a CRL made known was revoked from its date on, and what was before is not recorded", async () => {
  const reason = "superseded";
  await site.bring({
    crlNumber: 5,
    entries: [{ serialNumber: first, reason, revokedAt: REVOKED_AT }],
  });
  expect(then(first, REVOKED_AT)).toMatchObject({ status: "revoked", reason });
  expect(() => then(first, REVOKED_AT - 1)).toThrow(/not recorded/);
  expect(site.office.history(first).map(({ action }) => action)).toEqual(["import"]);
});

it("of what a list made known, a CRL's hold and its end are changes like an officer's", async () => {
  await site.list([listed]);
  const known = site.office.clock();
  const held = { serialNumber: listed, reason: "certificateHold", revokedAt: known };
  await site.bring({ crlNumber: 5, entries: [held] });
  expect(then(listed, site.office.clock()).status).toBe("hold");
  await site.bring({ crlNumber: 6, entries: [] });
  expect(then(listed, site.office.clock()).status).toBe("good");
  expect(site.office.history(listed).map(({ action }) => action)).toEqual([
    "import",
    "hold",
    "release",
  ]);
});

it("of what only CRLs made known, its holds stay in its history when they are over", async () => {
  const held = [{ serialNumber: first, reason: "certificateHold" }];
  await site.bring({ crlNumber: 5, thisUpdate: site.office.clock() - 50, entries: held });
  await site.bring({ crlNumber: 6, thisUpdate: site.office.clock() - 40 });
  const actions = (): string[] => site.office.history(first).map(({ action }) => action);
  expect(actions()).toEqual(["import", "release"]);
  expect(then(first, site.office.clock()).status).toBe("unissued");
  await site.bring({ crlNumber: 7, thisUpdate: site.office.clock() - 30, entries: held });
  expect(actions()).toEqual(["import", "release", "import"]);
  await site.bring({ crlNumber: 8, thisUpdate: site.office.clock() - 20 });
  expect(actions()).toEqual(["import", "release", "import", "release"]);
});
