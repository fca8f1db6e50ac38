import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { reasonName } from "../../src/x509/reason.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

const HOUR = 3_600;
const DAY = 86_400;
const URL = "http://crl.example.vn/crl/gov-1.crl";

let office: Office;

afterEach(() => office.close());

/** An office that publishes full and delta CRLs, and can suspend. */
function open(crl: Record<string, unknown> = {}, hold = true): Promise<Office> {
  const issuers = () => [{ name: "gov-1", more: { hold } }];
  return openOffice({ crl: { url: URL, delta: "1h", ...crl }, issuers });
}

const scoped = (crls: readonly PublishedCRL[], scope: string): PublishedCRL => {
  const found = crls.find((crl) => crl.scope === scope);
  if (!found) throw new Error(`no ${scope} CRL`);
  return found;
};

function read(crl: PublishedCRL): ReturnType<typeof readCertificateList> & { listed: string[] } {
  const listed: string[] = [];
  const list = readCertificateList(readFileSync(crl.file), ({ serialNumber, reason }) =>
    listed.push(`${serialNumberText(serialNumber)} ${reasonName(reason)}`),
  );
  return { ...list, listed };
}

const deltaAlone = async (): Promise<PublishedCRL> =>
  scoped(await office.issueCRLs({ kinds: "delta" }), "delta");

describe("full and delta", () => {
  it("issued together have one number and say the same; the first delta is empty", async () => {
    office = await open();
    const [a, b] = serials(2) as [string, string];
    await office.import([row(a), row(b)]);
    await office.revoke([a]);
    const crls = await office.issueCRLs();
    const [full, delta] = [scoped(crls, "full"), scoped(crls, "delta")];
    expect([delta.crlNumber, delta.baseCRLNumber]).toEqual([full.crlNumber, full.crlNumber]);
    expect(read(full)).toMatchObject({
      listed: [`${a} keyCompromise`],
      freshestCRL: ["http://crl.example.vn/crl/gov-1-delta.crl"],
      baseCRLNumber: undefined,
    });
    expect(read(delta)).toMatchObject({ listed: [], freshestCRL: undefined });
    expect(read(delta).baseCRLNumber).toBe(BigInt(full.crlNumber));
  });

  it("the delta tells what has changed since the oldest full CRL that is in force", async () => {
    office = await open();
    office.now = Math.floor(Date.now() / 1000);
    const names = serials(4);
    const [a, b, c, d] = names as [string, string, string, string];
    await office.import(names.map((name) => row(name)));
    await office.revoke([a]);
    const first = scoped(await office.issueCRLs(), "full");
    await office.revoke([b]);
    await office.hold([c]);
    office.now += 12 * HOUR;
    const second = await office.issueCRLs();
    expect(read(scoped(second, "full")).listed).toHaveLength(3);
    const together = scoped(second, "delta");
    expect([together.crlNumber, together.baseCRLNumber]).toEqual([
      scoped(second, "full").crlNumber,
      first.crlNumber,
    ]);
    expect(read(together).listed).toEqual([`${b} keyCompromise`, `${c} certificateHold`]);
    await office.release([c]);
    await office.hold([d]);
    await office.release([d]);
    office.now += HOUR;
    const alone = await deltaAlone();
    expect(alone.baseCRLNumber).toBe(first.crlNumber);
    // Also of one that no full CRL has had on hold (RFC 5280 5.2.4).
    const removed = [c, d].map((name) => `${name} removeFromCRL`);
    expect(read(alone).listed).toEqual([`${b} keyCompromise`, ...removed]);
    office.now += 2 * DAY - HOUR;
    const later = await deltaAlone().catch((error: Error) => error.message);
    expect(later).toMatch(/no full CRL in force/);
  });

  it("a delta costs what changed: a certificate that did not is in none", async () => {
    office = await open();
    const names = serials(300);
    const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
    await office.import(names.map((name) => row(name, revoked)));
    await office.issueCRLs();
    expect(read(await deltaAlone()).listed).toEqual([]);
    const [more = ""] = serials(1, 0x20_00_00);
    await office.import([row(more, revoked)]);
    expect(read(await deltaAlone()).listed).toEqual([`${more} unspecified`]);
  });

  it("is refused for an issuer without one, and without a base", async () => {
    office = await open({ delta: 0 });
    await expect(deltaAlone()).rejects.toMatchObject({ code: "noCRL" });
  });
});

describe("a certificate that expires while it is on hold", () => {
  it("leaves the full CRL once that listed it expired, and the deltas remove it", async () => {
    office = await open({ keepExpired: false });
    const start = Math.floor(Date.now() / 1000);
    office.now = start;
    const [a, b] = serials(2) as [string, string];
    const soon = new Date((start + DAY) * 1000).toISOString().replace(/\.\d+/, "");
    await office.import([row(a, { notAfter: soon }), row(b)]);
    await office.issueCRLs();
    await office.hold([a]);
    await office.revoke([b]);
    office.now = start + DAY + 60;
    const once = await office.issueCRLs();
    expect(read(scoped(once, "full")).listed).toEqual([
      `${a} certificateHold`,
      `${b} keyCompromise`,
    ]);
    office.now += 60;
    const gone = await office.issueCRLs();
    expect(read(scoped(gone, "full")).listed).toEqual([`${b} keyCompromise`]);
    expect(read(scoped(gone, "delta")).listed).toEqual([
      `${a} removeFromCRL`,
      `${b} keyCompromise`,
    ]);
    office.now += HOUR;
    expect(read(await deltaAlone()).listed).toEqual([`${a} removeFromCRL`, `${b} keyCompromise`]);
    await office.revoke([a]);
    office.now += 60;
    expect(read(await deltaAlone()).listed).toEqual([`${a} keyCompromise`, `${b} keyCompromise`]);
    const back = await office.issueCRLs();
    expect(read(scoped(back, "full")).listed).toEqual([`${a} keyCompromise`, `${b} keyCompromise`]);
  });
});

describe("shards", () => {
  it("are always all there, each with its URL, and together list what the full one does", async () => {
    office = await open({ delta: 0, shards: 4 });
    const empty = await office.issueCRLs();
    expect(empty.map(({ scope }) => scope)).toEqual([
      ...["full", "shard-0", "shard-1", "shard-2", "shard-3"],
    ]);
    const names = serials(9);
    const revoked = { status: "revoked", revocationDate: "2026-01-01T00:00:00Z" } as const;
    await office.import(names.map((name) => row(name, revoked)));
    const [full, ...shards] = await office.issueCRLs();
    for (const [shard, crl] of shards.entries()) {
      const { listed, issuingDistributionPoint } = read(crl);
      expect(issuingDistributionPoint?.uris).toEqual([
        `http://crl.example.vn/crl/gov-1/${shard}.crl`,
      ]);
      expect(listed.every((entry) => Number.parseInt(entry, 16) % 4 === shard)).toBe(true);
      expect(readFileSync(crl.file)).toEqual(
        readFileSync(crl.file.replace(/\/gov-1\/.*/, `/gov-1/${shard}.crl`)),
      );
    }
    expect(shards.flatMap((crl) => read(crl).listed).sort()).toEqual(
      read(full as PublishedCRL).listed,
    );
  });
});

describe("the last CRL of a CA", () => {
  it("waits for its certificates to end, is in force for ever, and nothing follows", async () => {
    office = await open();
    const [a] = serials(1) as [string];
    await office.import([row(a)]);
    await expect(office.issueCRLs({ ends: "last" })).rejects.toMatchObject({
      message: expect.stringMatching(/^1 certificates of gov-1 are good/),
    });
    await office.revoke([a]);
    const last = await office.issueCRLs({ ends: "last" });
    expect(last.map(({ nextUpdate }) => nextUpdate)).toEqual(Array(2).fill("9999-12-31T23:59:59Z"));
    await expect(office.issueCRLs()).rejects.toThrow(/the last CRL of gov-1 has been issued/);
    const [forced] = await office.issueCRLs({ force: "the CA was kept" });
    expect(forced?.nextUpdate.startsWith("20")).toBe(true);
  });
});
