import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { publishFile } from "../../src/authority/crl-files.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { readCRLRows, writeCRLRow } from "../../src/store/crl-rows.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { startDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { vouch } from "../support/vouch-cli.ts";
import { found, type PlantedSetup, plantedSetup, tamper } from "./planted.ts";

let setup: PlantedSetup;
let file: string;
let original: Buffer;

beforeAll(async () => {
  setup = await plantedSetup();
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
    { what: "the first CRL", within: 15_000 },
  );
  await daemon.stop();
  original = readFileSync(file);
});
afterAll(() => setup.remove());
beforeEach(() => publishFile(file, original));

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
