import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crlFolder, workFolder } from "../../../src/config/data-files.ts";
import { publishedCRL } from "../../../src/store/crl-rows.ts";
import { readHeldCRLs } from "../../../src/store/held-crls.ts";
import { recordKey } from "../../../src/store/keys.ts";
import { openStoreReader } from "../../../src/store/lmdb.ts";
import { opensslCRL } from "../../support/openssl-crl.ts";
import { run } from "../../support/run-program.ts";
import { NODE, vouchEnvironment } from "../../support/vouch-cli.ts";
import { type Office, serial, serials } from "../office.ts";
import { openImportOffice } from "./import-office.ts";

// Each test makes a CRL, and starts a process that signs.
const PROGRAM = fileURLToPath(new URL("../crl-process.ts", import.meta.url));
/** In batches of a thousand: two transactions, then the one that puts the CRL into force. */
const MORE = serials(1_100);
const [first] = serials(1, 0x80_00_00) as [string];

let office: Office;
let folder: string;
let number: number;
let crlNumber = 1;

beforeAll(async () => {
  const site = await openImportOffice("crl");
  ({ office } = site);
  folder = crlFolder(office.config.data);
  ({ number } = office.issuer());
  await site.bring({ crlNumber, entries: [{ serialNumber: first }] });
  await site.renewal.stop();
  await office.shut();
});

afterAll(async () => {
  await office.open();
  await office.close();
});

interface Seen {
  readonly crlNumber: string | undefined;
  /** How many of the certificates that only newer CRLs list are revoked. */
  readonly more: number;
}

/** What is in force and served: one CRL, whole, and never less than it says. */
async function expectWhole(): Promise<Seen> {
  const store = openStoreReader(office.config.data);
  const held = readHeldCRLs(store, number)?.full;
  const row = publishedCRL(store, number, "full");
  const isRevoked = (one: string): boolean =>
    store.get("revoked", recordKey(number, serial(one))) !== undefined;
  const seen = { crlNumber: row?.crlNumber, more: MORE.filter(isRevoked).length };
  expect(isRevoked(first)).toBe(true);
  await store.close();
  expect([held?.crlNumber, held?.sha256]).toEqual([row?.crlNumber, row?.sha256]);
  const octets = readFileSync(join(folder, row?.file ?? ""));
  expect(createHash("sha256").update(octets).digest("hex")).toBe(row?.sha256);
  if (held?.entries === MORE.length + 1) expect(seen.more).toBe(MORE.length);
  return seen;
}

/** Brings a CRL of the next number, in a process that kills itself. */
function bring(operation: string, occurrence: number): ReturnType<typeof run> {
  const entries = [first, ...MORE].map((serialNumber) => ({ serialNumber }));
  const file = join(office.folder, "brought.crl");
  const thisUpdate = Math.floor(Date.now() / 1000) - 1_000 + crlNumber;
  writeFileSync(file, opensslCRL(office.pki, { crlNumber: ++crlNumber, thisUpdate, entries }));
  const args = [PROGRAM, office.config.file, operation, String(occurrence), file];
  return run(NODE, args, { env: vouchEnvironment() });
}

/** The statement at which it is killed, and the CRL that is in force then. */
const points: readonly (readonly [string, string, number, "old" | "new"])[] = [
  ["in the first batch of statuses", "transact", 1, "old"],
  ["in the last batch of statuses", "transact", 2, "old"],
  ["before the file is moved", "rename", 1, "old"],
  ["before the one that puts it into force", "open", 1, "old"],
  ["in the one that puts it into force", "transact", 1, "old"],
  ["when it is in force", "link", 1, "new"],
  ["before its name is moved", "rename", 2, "new"],
];

describe("kill -9 of who imports a CRL", () => {
  it.each(points)("%s (%s %i): the %s one is in force, and whole", async (...point) => {
    const [, operation, occurrence, wanted] = point;
    const before = await expectWhole();
    const { code, stderr } = await bring(operation, occurrence);
    expect([code, stderr]).toEqual([null, ""]);
    const after = await expectWhole();
    expect(after.crlNumber).toBe(wanted === "new" ? String(crlNumber) : before.crlNumber);
    expect(after.more).toBeGreaterThanOrEqual(before.more);
  });

  it("the next one does all, and is the newest by name", async () => {
    expect(await bring("none", 0)).toMatchObject({ code: 0, stdout: "published\n" });
    expect(await expectWhole()).toEqual({ crlNumber: String(crlNumber), more: MORE.length });
    const newest = readFileSync(join(folder, "gov-1.crl"));
    expect(newest.equals(readFileSync(join(folder, `gov-1/${crlNumber}.crl`)))).toBe(true);
    // As the authority does at its start.
    rmSync(workFolder(office.config.data), { recursive: true });
  });
});
