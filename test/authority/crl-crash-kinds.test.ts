import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crlFolder } from "../../src/config/data-files.ts";
import { type CRLScope, crlScopes, scopeName } from "../../src/crl/scope.ts";
import { type CRLRow, publishedCRL, readCRLRow } from "../../src/store/crl-rows.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import { run } from "../support/run-program.ts";
import { NODE, vouchEnvironment } from "../support/vouch-cli.ts";
import { readCRL } from "./crl-year-model.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

// Each test starts a process that signs.
const PROGRAM = fileURLToPath(new URL("crl-process.ts", import.meta.url));
const SHARDS = 1;
const SCOPES = crlScopes({ shards: SHARDS, hasDelta: true });
/** A round: each CRL gets its file, then one transaction, then each its name. */
const CRLS = SCOPES.length;

let office: Office;
let folder: string;
let number: number;

beforeAll(async () => {
  const url = "http://crl.example.vn/crl/gov-1.crl";
  office = await openOffice({ crl: { delta: "1h", shards: SHARDS, url, keep: 3 } });
  folder = crlFolder(office.config.data);
  ({ number } = office.issuer());
  const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
  await office.import(serials(50).map((name) => row(name, revoked)));
  await office.issueCRLs();
  const [more = ""] = serials(1, 0x20_00_00);
  await office.import([row(more)]);
  await office.revoke([more]);
  await office.shut();
});

afterAll(async () => {
  await office.open();
  await office.close();
});

const sha256 = (octets: Buffer): string => createHash("sha256").update(octets).digest("hex");

/** What responders serve now, of each scope; whole, of one round, the delta to a base that was published. */
async function expectServed(): Promise<Map<CRLScope, CRLRow>> {
  const store = openStoreReader(office.config.data);
  const served = new Map<CRLScope, CRLRow>();
  for (const scope of SCOPES) {
    const published = publishedCRL(store, number, scope);
    if (!published) throw new Error(`no ${scope} CRL`);
    expect(sha256(readFileSync(join(folder, published.file)))).toBe(published.sha256);
    served.set(scope, published);
    const named = readCRL(readFileSync(join(folder, scopeName("gov-1.crl", scope))));
    const owner = readCRLRow(store, number, scope, named.crlNumber);
    expect([scope, owner?.refused]).toEqual([scope, null]);
  }
  const base = served.get("delta")?.baseCRLNumber ?? "";
  expect(readCRLRow(store, number, "full", BigInt(base))?.refused).toBeNull();
  await store.close();
  expect(new Set([...served.values()].map(({ crlNumber }) => crlNumber)).size).toBe(1);
  return served;
}

const numberOf = (served: ReadonlyMap<CRLScope, CRLRow>): bigint =>
  BigInt(served.get("full")?.crlNumber ?? 0);

function publish(operation: string, occurrence: number): ReturnType<typeof run> {
  const args = [PROGRAM, office.config.file, operation, String(occurrence)];
  return run(NODE, args, { env: vouchEnvironment() });
}

/** The statement at which it is killed, and whether the round's CRLs are the published ones by then. */
const points: readonly (readonly [string, number, "old" | "new"])[] = [
  ...SCOPES.map((_, i) => ["writeFile", i + 1, "old"] as const),
  ...SCOPES.map((_, i) => ["rename", i + 1, "old"] as const),
  ["transact", 1, "old"],
  ...SCOPES.map((_, i) => ["link", i + 1, "new"] as const),
  ...SCOPES.map((_, i) => ["rename", CRLS + i + 1, "new"] as const),
  ["unlink", 1, "new"],
];

describe("kill -9 of who publishes a full CRL, its delta and a shard", () => {
  it.each(points)(
    "%s %i: all are the %s ones, and whole",
    async (operation, occurrence, wanted) => {
      const before = await expectServed();
      const { code, stdout, stderr } = await publish(operation, occurrence);
      expect([code, stdout, stderr]).toEqual([null, "", ""]);
      const after = await expectServed();
      if (wanted === "old") expect(after).toEqual(before);
      else expect(numberOf(after)).toBeGreaterThan(numberOf(before));
    },
  );

  it("the next start puts the names right, and the next round leaves nothing half done", async () => {
    const before = await expectServed();
    await office.open();
    await office.publisher.mend();
    for (const { scope, file } of before.values()) {
      const newest = readFileSync(join(folder, scopeName("gov-1.crl", scope)));
      expect(newest.equals(readFileSync(join(folder, file)))).toBe(true);
    }
    await office.shut();
    expect((await publish("none", 0)).stdout).toBe("published\n");
    expect(numberOf(await expectServed())).toBeGreaterThan(numberOf(before));
    const names = readdirSync(folder, { recursive: true }).map(String);
    // What lies aside in the folder of the newest is overwritten by the next of its name.
    expect(names.filter((name) => /\/\.\d{13,}\.crl\.new$/.test(name))).toEqual([]);
  });
});
