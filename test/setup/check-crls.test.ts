import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { publishFile } from "../../src/authority/crl-files.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import type { CRLScope } from "../../src/crl/scope.ts";
import { publishedCRL, readCRLRows, removeCRLRows, writeCRLRow } from "../../src/store/crl-rows.ts";
import { recordKey } from "../../src/store/keys.ts";
import { openStore } from "../../src/store/lmdb.ts";
import type { Store, Transaction } from "../../src/store/store.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import { startDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { vouch } from "../support/vouch-cli.ts";
import { found, type PlantedSetup, plantedSetup, tamper } from "./planted.ts";

let setup: PlantedSetup;
let file: string;
let original: Buffer;

beforeAll(async () => {
  const url = "http://crl.example.vn/crl/gov-1.crl";
  setup = await plantedSetup(() => ({ crl: { delta: "1h", shards: 3, url } }));
  const { places } = setup;
  const daemon = await startDaemon(places, {
    command: "authority",
    args: ["--ops", `127.0.0.1:${places.opsPort}`],
  });
  const config = places.config;
  await until(
    async () => {
      const { json } = await vouch(["crl", "list", "gov-1"], { config, json: true });
      file = json[0]?.file;
      return file !== undefined;
    },
    { what: "the first CRL" },
  );
  await daemon.stop();
  original = readFileSync(file);
});
afterAll(() => setup.remove());
beforeEach(() => publishFile(file, original));

it("certificates on hold are told of where the issuer does not suspend", async () => {
  const hold = { reason: CRLReason.certificateHold, revocationDate: 1, invalidityDate: undefined };
  const put = (change: (transaction: Transaction, key: Buffer) => void): Promise<void> =>
    withStore((store) =>
      store.transact((transaction) => change(transaction, recordKey(1, Buffer.of(1) as never))),
    );
  await put((transaction, key) => transaction.put("revoked", key, encodeRevocation(hold)));
  const { ok, warnings } = await setup.check();
  await put((transaction, key) => transaction.remove("revoked", key));
  expect(ok).toBe(true);
  expect(found(warnings, "issuer gov-1", "1 certificate is on hold")?.do).toContain("hold: true");
});

/** The file of a scope's published CRL. */
async function fileOf(scope: CRLScope): Promise<string> {
  const file = await withStore((store) => publishedCRL(store, 1, scope)?.file);
  if (file === undefined) throw new Error(`no ${scope} CRL`);
  return join(crlFolder(setup.places.data), file);
}

async function withStore<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = openStore(setup.places.data);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

it("a CRL as it was published passes", async () => {
  expect(file.startsWith(join(crlFolder(setup.places.data), "gov-1"))).toBe(true);
  expect((await setup.check()).problems).toEqual([]);
});

it("a CRL file that was changed is a problem", async () => {
  tamper(file);
  const { ok, problems } = await setup.check();
  expect(ok).toBe(false);
  expect(problems).toHaveLength(1);
  expect(found(problems, file, "SHA-256 is another")?.do).toContain("vouch crl issue gov-1");
});

it("a CRL file that is gone is a problem", async () => {
  rmSync(file);
  const { problems } = await setup.check();
  expect(problems).toHaveLength(1);
  expect(found(problems, file, "is missing")).toBeDefined();
});

it("a CRL past its nextUpdate is a problem", async () => {
  const inThreeDays = Math.floor(Date.now() / 1000) + 3 * 86_400;
  const { problems } = await setup.check(() => inThreeDays);
  expect(found(problems, "issuer gov-1, CRL", "nextUpdate")?.do).toContain("start the authority");
  const overdue = problems.filter(({ problem }) => problem.includes("(nextUpdate)"));
  expect(overdue.map(({ where }) => where.replace(/ \d+$/, ""))).toEqual([
    ...["issuer gov-1, CRL", "issuer gov-1, delta CRL", "issuer gov-1, shard-0 CRL"],
  ]);
  expect(overdue.at(-1)?.problem).toMatch(/so it is with 2 more of its CRLs$/);
});

it.each(["delta", "shard-2"] as const)("the file of a %s CRL is looked at, too", async (scope) => {
  const other = await fileOf(scope);
  const octets = readFileSync(other);
  tamper(other);
  expect(found((await setup.check()).problems, other, `the ${scope} CRL`)).toBeDefined();
  rmSync(other);
  expect(found((await setup.check()).problems, other, "is missing")).toBeDefined();
  await publishFile(other, octets);
  tamper(other.replace(/\/\d+\.crl$/, ".crl"));
  writeFileSync(other.replace(/\/\d+\.crl$/, ".crl"), octets);
  expect((await setup.check()).problems).toEqual([]);
});

it("a declared shard without a CRL is a problem", async () => {
  const row = await withStore((store) => publishedCRL(store, 1, "shard-1"));
  if (!row) throw new Error("no shard");
  await withStore((store) => store.transact((change) => removeCRLRows(change, 1, [row])));
  const { problems } = await setup.check();
  expect(problems).toHaveLength(1);
  expect(found(problems, "issuer gov-1, shard-1 CRL", "answers 404")?.do).toContain("authority");
  await withStore((store) => store.transact((change) => writeCRLRow(change, 1, row)));
});

it("a name of the newest that leads to another CRL is a problem, until the authority starts", async () => {
  const name = join(crlFolder(setup.places.data), "gov-1.crl");
  rmSync(name);
  linkSync(await fileOf("shard-0"), name);
  const { problems } = await setup.check();
  expect(problems).toHaveLength(1);
  expect(found(problems, name, "not the newest CRL")?.do).toContain("restart the authority");
  const args = ["--ops", `127.0.0.1:${setup.places.opsPort}`];
  const daemon = await startDaemon(setup.places, { command: "authority", args });
  await daemon.stop();
  expect(readFileSync(name)).toEqual(original);
  expect((await setup.check()).problems).toEqual([]);
});

it("a CRL that was refused is a problem, and the one before it is still looked at", async () => {
  const store = openStore(setup.places.data);
  const [row] = readCRLRows(store, 1, "full", 1);
  if (!row) throw new Error("no CRL");
  const crlNumber = (BigInt(row.crlNumber) + 1n).toString();
  const refused = { ...row, crlNumber, refused: "planted fault" };
  await store.transact((transaction) => writeCRLRow(transaction, 1, refused));
  await store.close();
  rmSync(file);
  const { problems } = await setup.check();
  expect(problems).toHaveLength(2);
  expect(found(problems, `issuer gov-1, CRL ${crlNumber}`, "planted fault")).toBeDefined();
  expect(found(problems, file, "is missing")).toBeDefined();
});
