import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import { recordKey } from "../../src/store/keys.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { issuerNumber } from "../../src/store/settings.ts";
import type { Store } from "../../src/store/store.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { pemBlocks } from "../../src/x509/pem.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import type { LoadSite } from "../site/load-site.ts";

const BATCH = 10_000;
const SERIAL_OCTETS = 16;
const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365 * DAY_SECONDS;
const ENDS = Math.floor(Date.now() / 1000) - DAY_SECONDS;
const REASONS = ["keyCompromise", "superseded", "cessationOfOperation"] as const;

/** A serial number of 16 octets, when it was revoked within the last year, and why. */
interface Entry {
  readonly serialNumber: Buffer;
  readonly revocationDate: number;
  readonly reason: (typeof REASONS)[number];
}

/** In the order of the store. */
function makeEntries(count: number): Entry[] {
  const serials = Array.from({ length: count }, () => {
    const octets = randomBytes(SERIAL_OCTETS);
    octets[0] = 1 + ((octets[0] as number) & 0x3f);
    return octets;
  });
  serials.sort(Buffer.compare);
  return serials.map((serialNumber, i) => ({
    serialNumber,
    revocationDate: ENDS - (serialNumber.readUInt32BE(8) % YEAR_SECONDS),
    reason: REASONS[i % REASONS.length] as Entry["reason"],
  }));
}

/**
 * Puts so many revocations into the empty store of a site, without records, which no CRL reads, and lists them
 * as `openssl ca` does, in the CA's folder. Nothing of them stays in memory.
 */
export async function fill(site: LoadSite, count: number): Promise<void> {
  const entries = makeEntries(count);
  writeIndex(site, entries);
  const store = openStore(site.places.data);
  await fillStore(store, site, entries);
  await store.close();
}

async function fillStore(store: Store, site: LoadSite, entries: readonly Entry[]): Promise<void> {
  const [block] = pemBlocks(readFileSync(site.pki.caCertificate));
  if (!block || !("der" in block)) throw new Error("no certificate of the CA");
  const { subject, subjectPublicKey } = readCertificate(block.der);
  const number = await store.transact((transaction) =>
    issuerNumber(transaction, subject, subjectPublicKey),
  );
  for (let at = 0; at < entries.length; at += BATCH) {
    await store.transact((transaction) => {
      for (const { serialNumber, revocationDate, reason } of entries.slice(at, at + BATCH)) {
        const row = { reason: CRLReason[reason], revocationDate, invalidityDate: undefined };
        const key = recordKey(number, serialNumberFromDer(serialNumber));
        transaction.put("revoked", key, encodeRevocation(row));
      }
    });
  }
}

function writeIndex({ pki }: LoadSite, entries: readonly Entry[]): void {
  const lines = entries.map(({ serialNumber, revocationDate, reason }) => {
    const serial = serialNumber.toString("hex").toUpperCase();
    return `R\t360101000000Z\t${utcTime(revocationDate)},${reason}\t${serial}\tunknown\t/CN=x`;
  });
  writeFileSync(join(pki.folder, "index.txt"), `${lines.join("\n")}\n`);
}

function utcTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace(/\D/g, "").slice(2, 14)}Z`;
}
