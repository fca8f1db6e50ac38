import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crlFolder } from "../../src/config/data-files.ts";
import { type CRLRow, publishedCRL } from "../../src/store/crl-rows.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import { mustRun, run } from "../support/run-program.ts";
import { NODE, vouchEnvironment } from "../support/vouch-cli.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

const PROGRAM = fileURLToPath(new URL("crl-process.ts", import.meta.url));
const COUNT = 200;

let office: Office;
let folder: string;
let number: number;

beforeAll(async () => {
  office = await openOffice({ crl: {} });
  folder = crlFolder(office.config.data);
  ({ number } = office.issuer());
  const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
  await office.import(serials(COUNT).map((name) => row(name, revoked)));
  await office.issueCRLs();
  // The processes that are killed write the store from here on.
  await office.shut();
});

afterAll(async () => {
  await office.open();
  await office.close();
});

/** What responders serve now. */
async function served(): Promise<CRLRow> {
  const reader = openStoreReader(office.config.data);
  const published = publishedCRL(reader, number, "full");
  await reader.close();
  if (!published) throw new Error("no CRL is published");
  return published;
}

function expectWhole(file: string): void {
  const args = ["crl", "-inform", "DER", "-in", file, "-CAfile", office.pki.caCertificate];
  const text = mustRun("openssl", [...args, "-noout", "-text", "-verify"]);
  expect(text.match(/Serial Number:/g)).toHaveLength(COUNT);
}

/** Every file that has a CRL's name is a whole one. */
function expectNoHalves(): void {
  const names = readdirSync(join(folder, "gov-1")).filter((name) => name.endsWith(".crl"));
  for (const name of names) {
    const octets = readFileSync(join(folder, "gov-1", name));
    // SEQUENCE, its length in two octets.
    expect([name, octets.subarray(0, 2).toString("hex")]).toEqual([name, "3082"]);
    expect([name, octets.readUInt16BE(2) + 4]).toEqual([name, octets.length]);
  }
}

async function expectServedWhole(): Promise<CRLRow> {
  const published = await served();
  const octets = readFileSync(join(folder, published.file));
  expect(createHash("sha256").update(octets).digest("hex")).toBe(published.sha256);
  expectWhole(join(folder, published.file));
  expectWhole(join(folder, "gov-1.crl"));
  expectNoHalves();
  return published;
}

function publish(operation: string, occurrence: number): ReturnType<typeof run> {
  const args = [PROGRAM, office.config.file, operation, String(occurrence)];
  return run(NODE, args, { env: vouchEnvironment() });
}

/** Where it is killed, and whether the new CRL is the published one by then. */
const points: readonly (readonly [string, string, number, "old" | "new"])[] = [
  ["in the middle of the file", "writeFile", 1, "old"],
  ["before the file has its name", "rename", 1, "old"],
  ["when the file has its name", "open", 2, "old"],
  ["in the transaction", "transact", 1, "old"],
  ["when the row is there", "rm", 1, "new"],
  ["before the second name is moved", "rename", 2, "new"],
  ["while it clears away", "unlink", 1, "new"],
];

describe("kill -9 of who publishes a CRL", () => {
  it.each(points)(
    "%s (%s %i): what is served is whole",
    async (_, operation, occurrence, wanted) => {
      const before = await expectServedWhole();
      const { code, stdout, stderr } = await publish(operation, occurrence);
      expect([code, stdout, stderr]).toEqual([null, "", ""]);
      const after = await expectServedWhole();
      if (wanted === "old") expect(after).toEqual(before);
      else expect(BigInt(after.crlNumber)).toBeGreaterThan(BigInt(before.crlNumber));
    },
  );

  it("and the next one is published above them all, and leaves nothing half done", async () => {
    const before = await served();
    expect((await publish("none", 0)).stdout).toBe("published\n");
    const after = await expectServedWhole();
    expect(BigInt(after.crlNumber)).toBeGreaterThan(BigInt(before.crlNumber));
    expect(readFileSync(join(folder, "gov-1.crl"))).toEqual(readFileSync(join(folder, after.file)));
    expect(readdirSync(join(folder, "gov-1")).filter((name) => name.endsWith(".new"))).toEqual([]);
  });
});
