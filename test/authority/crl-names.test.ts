import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, it, vi } from "vitest";
import { CRLHistory } from "../../src/authority/crl-history.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { publishedCRL } from "../../src/store/crl-rows.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

/* CRLs that are published while something else is being done about the one before. */

/** Done before a file is given another name. */
const naming = vi.hoisted(() => ({ before: async (_name: string): Promise<void> => undefined }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  const link: typeof real.link = async (from, to) => {
    await naming.before(String(to));
    return real.link(from, to);
  };
  return { ...real, default: { ...real, link }, link };
});

let office: Office;

afterEach(async () => {
  naming.before = async () => undefined;
  await office.close();
});

/** An office whose CRL is large enough to be compressed. */
async function open(): Promise<void> {
  office = await openOffice({ crl: {} });
  const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
  await office.import(serials(100).map((name) => row(name, revoked)));
}

it("the compressed form of one never stands beside the next", async () => {
  await open();
  const newest = join(crlFolder(office.config.data), "gov-1.crl");
  const wrong: string[] = [];
  let times = 0;
  naming.before = async (name) => {
    if (!name.endsWith(".crl.gz.new")) return;
    // The first is about to have its name when the second is published, and then the second's.
    if (times++ === 0) await office.issueCRL();
    else if (existsSync(`${newest}.gz`)) {
      const isOwn = gunzipSync(readFileSync(`${newest}.gz`)).equals(readFileSync(newest));
      if (!isOwn) wrong.push(name);
    }
  };
  await office.issueCRL();
  // That of the first, and then that of the second.
  for (let count = 0; count < 2; count++) await office.publisher.settled();
  expect(times).toBe(2);
  expect(wrong).toEqual([]);
  expect(gunzipSync(readFileSync(`${newest}.gz`))).toEqual(readFileSync(newest));
});

it("one that is published while the file is looked at is not taken for another store's", async () => {
  await open();
  const issuer = office.issuer();
  await office.issueCRL();
  const first = publishedCRL(office.desk.store, issuer.number, "full");
  await office.issueCRL();
  office.desk.store.refresh();
  const second = publishedCRL(office.desk.store, issuer.number, "full");
  if (!first || !second) throw new Error("no CRLs");
  const history = new CRLHistory(office.desk, crlFolder(office.config.data));
  history.adopt(issuer, first);
  const looking = history.previous(issuer, "full");
  history.note(issuer, second);
  expect(await looking).toEqual(second);
  expect(history.isBehind(issuer, "full")).toBe(false);
});
