import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { crlFolder } from "../../src/config/data-files.ts";
import { readCRLRow } from "../../src/store/crl-rows.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

let office: Office;

afterEach(() => office.close());

const folder = (): string => crlFolder(office.config.data);

/** The files under the folder of CRLs, by their names within it. */
function files(): string[] {
  return readdirSync(folder(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder().length + 1))
    .sort();
}

/** An office whose CRL is large enough to be compressed. */
async function openWithRevoked(crl: Readonly<Record<string, unknown>>): Promise<void> {
  office = await openOffice({ crl });
  const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
  await office.import(serials(100).map((serialNumber) => row(serialNumber, revoked)));
}

describe("the folder of CRLs", () => {
  it("has what the URLs name, for everybody to read whatever the umask, and nothing else", async () => {
    const before = process.umask(0o077);
    await openWithRevoked({ delta: "1h", every: "12h", shards: 2, url: "http://a/crl/gov-1.crl" });
    const { crlNumber } = await office.issueCRL();
    await office.publisher.settled();
    process.umask(before);
    const names = ["gov-1", "gov-1-delta", "gov-1/0", "gov-1/1"].flatMap((name) => [
      `${name}.crl`,
      `${name}/${crlNumber}.crl`,
    ]);
    const compressed = names.filter((name) => !name.startsWith("gov-1-delta"));
    expect(files()).toEqual([...names, ...compressed.map((name) => `${name}.gz`)].sort());
    for (const name of files()) {
      expect([name, statSync(join(folder(), name)).mode & 0o777]).toEqual([name, 0o644]);
    }
    for (const name of ["", "gov-1", "gov-1/0", "gov-1-delta"]) {
      expect([name, statSync(join(folder(), name)).mode & 0o777]).toEqual([name, 0o755]);
    }
  });

  it("has the compressed form of the newest only beside the newest", async () => {
    await openWithRevoked({});
    const first = await office.issueCRL();
    await office.publisher.settled();
    const newest = join(folder(), "gov-1.crl");
    expect(gunzipSync(readFileSync(`${newest}.gz`))).toEqual(readFileSync(newest));
    const issuing = office.issueCRL();
    const second = await issuing;
    // Not there yet, or that of the second: never the first's.
    const found = existsSync(`${newest}.gz`) && gunzipSync(readFileSync(`${newest}.gz`));
    if (found) expect(found).toEqual(readFileSync(newest));
    await office.publisher.settled();
    expect(gunzipSync(readFileSync(`${newest}.gz`))).toEqual(readFileSync(second.file));
    expect(gunzipSync(readFileSync(`${first.file}.gz`))).toEqual(readFileSync(first.file));
  });

  it("has nothing half written any more after a start, wherever that was left, and nothing else less", async () => {
    await openWithRevoked({ shards: 2, url: "http://a/crl/gov-1.crl" });
    const { crlNumber } = await office.issueCRL();
    await office.publisher.settled();
    const before = files();
    const names = [".gov-1.crl.new", ".gov-1.crl.gz.new", `gov-1/.${crlNumber}.crl.gz.new`];
    for (const name of [...names, `gov-1/0/.${crlNumber}.crl.new`]) {
      writeFileSync(join(folder(), name), "half");
    }
    writeFileSync(join(folder(), ".nfs0001"), "another's");
    await office.publisher.mend();
    await office.publisher.settled();
    expect(files()).toEqual([".nfs0001", ...before].sort());
  });

  it("tells responders of the compressed form, by its size and hash", async () => {
    await openWithRevoked({});
    const { crlNumber, file, bytes } = await office.issueCRL();
    const stored = (): ReturnType<typeof readCRLRow> => {
      office.desk.store.refresh();
      return readCRLRow(office.desk.store, office.issuer().number, "full", BigInt(crlNumber));
    };
    await office.publisher.settled();
    const octets = readFileSync(`${file}.gz`);
    const sha256 = createHash("sha256").update(octets).digest("hex");
    expect(stored()?.gzip).toEqual({ bytes: octets.length, sha256 });
    expect(stored()?.bytes).toBe(bytes);
  });

  it("has no compressed form of a CRL that is small", async () => {
    office = await openOffice({ crl: {} });
    await office.issueCRL();
    await office.publisher.settled();
    expect(files().filter((name) => name.endsWith(".gz"))).toEqual([]);
  });
});

describe("crl.keep", () => {
  it("keeps so many, and clears away what a crash left of others", async () => {
    await openWithRevoked({ keep: 3 });
    const issued: string[] = [];
    for (let count = 0; count < 5; count++) {
      issued.push((await office.issueCRL()).crlNumber);
      await office.publisher.settled();
    }
    writeFileSync(join(folder(), "gov-1", ".1000000000000.crl.new"), "half");
    writeFileSync(join(folder(), "gov-1", `.${issued.at(-1)}.crl.new`), "half");
    writeFileSync(join(folder(), "gov-1", "1000000000000.crl.gz"), "alone");
    issued.push((await office.issueCRL()).crlNumber);
    await office.publisher.settled();
    const kept = issued.slice(-3).flatMap((number) => [`${number}.crl`, `${number}.crl.gz`]);
    expect(readdirSync(join(folder(), "gov-1")).sort()).toEqual(kept.sort());
  });

  it("keeps those of so long, and always the last two", async () => {
    await openWithRevoked({ keep: "2d" });
    const day = 86_400;
    const start = Math.floor(Date.now() / 1000);
    const issued: string[] = [];
    for (const days of [0, 1, 2, 3]) {
      office.now = start + days * day;
      issued.push((await office.issueCRL()).crlNumber);
    }
    const kept = (): string[] =>
      readdirSync(join(folder(), "gov-1")).filter((name) => name.endsWith(".crl"));
    expect(kept()).toEqual(issued.slice(-3).map((number) => `${number}.crl`));
    office.now = start + 100 * day;
    issued.push((await office.issueCRL()).crlNumber);
    expect(kept()).toEqual(issued.slice(-2).map((number) => `${number}.crl`));
  });

  it("leaves shards' newest alone", async () => {
    await openWithRevoked({ shards: 3, keep: 2, url: "http://a/crl/gov-1.crl" });
    for (let count = 0; count < 4; count++) await office.issueCRL();
    for (const shard of [0, 1, 2]) expect(files()).toContain(`gov-1/${shard}.crl`);
    expect(files().filter((name) => /^gov-1\/\d{13,}\.crl$/.test(name))).toHaveLength(2);
    expect(files().filter((name) => /^gov-1\/0\/\d{13,}\.crl$/.test(name))).toHaveLength(2);
  });
});
