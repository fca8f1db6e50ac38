import { sign } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CRLImportReport } from "../../src/authority/admin-import-types.ts";
import { withAuthority } from "../../src/cli/admin-client.ts";
import { CRLBuffer } from "../../src/crl/crl-buffer.ts";
import type { SerialNumber } from "../../src/x509/serial-number.ts";
import { makeSigningCA, type SigningCA } from "../../test/crl/signing-ca.ts";
import { startDaemon } from "../../test/support/daemon.ts";
import { authorityUnder } from "../../test/support/processes.ts";
import { prepareSite, type Site } from "../../test/support/site.ts";
import { pinDaemon } from "../growth/pin.ts";
import { type Cost, costBesideSigning, medianCost } from "./cost.ts";
import type { CRLBenchOptions } from "./options.ts";
import type { CostRow } from "./report.ts";

const ISSUER = "load";
/** Entries that the second CRL has besides. */
const MORE = 1_000;
const REASONS = [0, 1, 3, 4, 5] as const;

interface Costs {
  readonly whole: Cost;
  readonly more: Cost;
}

/** Imports a CRL of so many entries for an issuer that nothing is known of, and then one with a thousand more. */
export async function measureImporting(
  count: number,
  { rounds }: CRLBenchOptions,
  say: (what: string) => void,
): Promise<CostRow[]> {
  const ca = makeSigningCA("ec");
  const crls = [crlOf(ca, count, 1n), crlOf(ca, count + MORE, 2n)];
  const all: Costs[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`${count} entries: importing, round ${round} of ${rounds}`);
    all.push(await importBoth(ca, crls));
  }
  ca.pki.remove();
  const octetsEach = (crls[0] as Uint8Array).length / count;
  const rowOf = (what: string, cost: keyof Costs): CostRow => ({
    ...{ entries: count, what, octetsEach },
    cost: medianCost(all.map((costs) => costs[cost])),
  });
  return [rowOf("imported", "whole"), rowOf(`the next imported, ${MORE} more`, "more")];
}

async function importBoth(ca: SigningCA, crls: readonly Uint8Array[]): Promise<Costs> {
  const crl = { signer: undefined };
  const pki = { ...ca.pki, remove: () => undefined };
  const issuer = { name: ISSUER, pki, more: { source: "crl" }, crl };
  const site = await prepareSite({ issuers: [issuer] });
  try {
    const files = crls.map((der, i) => {
      const file = join(site.places.folder, `${i}.crl`);
      writeFileSync(file, der);
      return file;
    });
    const daemon = await startDaemon(site.places);
    pinDaemon(daemon, "beside");
    const authority = authorityUnder(daemon.pid);
    if (authority === undefined) throw new Error("there is no authority");
    const [whole, more] = files.map(
      (file) => (): Promise<Cost> => costBesideSigning(authority, () => imported(site, file)),
    ) as [() => Promise<Cost>, () => Promise<Cost>];
    const costs = { whole: await whole(), more: await more() };
    await daemon.stop();
    return costs;
  } finally {
    await site.close();
  }
}

/** As `vouch import` hands it over, which then waits for answers as well. */
async function imported({ places }: Pick<Site, "places">, file: string): Promise<void> {
  const query = new URLSearchParams({ by: "load", name: file });
  const socket = { admin: places.admin, file: places.config };
  const { bad } = await withAuthority(socket, (authority) =>
    authority.send<CRLImportReport>(`/import/${ISSUER}/crl?${query}`, createReadStream(file)),
  );
  if (bad.length > 0) throw new Error(bad[0]?.message);
}

/** Serial numbers of 16 octets; a reason for four of five. */
function crlOf(ca: SigningCA, count: number, crlNumber: bigint): Uint8Array {
  const thisUpdate = ca.fields.thisUpdate - 100 + Number(crlNumber);
  const buffer = new CRLBuffer({ ...ca.fields, crlNumber, thisUpdate }, count);
  for (let index = 0; index < count; index++) {
    const serialNumber = Buffer.alloc(16);
    serialNumber.writeUIntBE(0x10_00_00_00_00_00 + index * 7, 0, 6);
    serialNumber.writeUInt32BE(Math.imul(index, 2_654_435_761) >>> 0, 8);
    buffer.add({
      serialNumber: serialNumber as Uint8Array as SerialNumber,
      revocationDate: ca.fields.thisUpdate - 100 - index,
      reason: REASONS[index % REASONS.length] ?? 0,
      invalidityDate: undefined,
    });
  }
  const tbs = buffer.tbsCertList();
  return buffer.certificateList(tbs, sign("sha256", tbs, ca.privateKey));
}
