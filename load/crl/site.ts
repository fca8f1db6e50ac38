import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import { recordKey } from "../../src/store/keys.ts";
import { CRLReason, type ReasonCode } from "../../src/x509/reason.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import { type Office, openOffice } from "../../test/authority/office.ts";

const URL = "http://crl.example.vn/crl/gov-1.crl";
const BATCH = 10_000;
const SERIAL_OCTETS = 16;
const REVOKED = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const REASONS = ["keyCompromise", "superseded", "cessationOfOperation"] as const;

/** Serial numbers of 16 octets in the order of the store, each with its reason. */
interface Entry {
  readonly serialNumber: Buffer;
  readonly reason: (typeof REASONS)[number];
}

function makeEntries(count: number): Entry[] {
  const serials = Array.from({ length: count }, () => {
    const octets = randomBytes(SERIAL_OCTETS);
    octets[0] = 1 + ((octets[0] as number) & 0x3f);
    return octets;
  });
  serials.sort(Buffer.compare);
  return serials.map((serialNumber, i) => ({
    serialNumber,
    reason: REASONS[i % REASONS.length] as Entry["reason"],
  }));
}

/**
 * A CA (ECDSA P-256) with full and delta CRLs and so many entries: in its store, without records, which no CRL
 * reads, and as `openssl ca` keeps them, in the CA's folder. Nothing of them stays in memory.
 */
export async function openSite(count: number): Promise<Office> {
  const office = await openOffice({ crl: { url: URL, delta: "1h" } });
  const entries = makeEntries(count);
  writeIndex(office, entries);
  await fillStore(office, entries);
  return office;
}

async function fillStore(office: Office, entries: readonly Entry[]): Promise<void> {
  const { number } = office.issuer();
  for (let at = 0; at < entries.length; at += BATCH) {
    await office.desk.store.transact((transaction) => {
      for (const { serialNumber, reason } of entries.slice(at, at + BATCH)) {
        const code: ReasonCode = CRLReason[reason];
        const row = { reason: code, revocationDate: REVOKED, invalidityDate: undefined };
        const key = recordKey(number, serialNumberFromDer(serialNumber));
        transaction.put("revoked", key, encodeRevocation(row));
      }
    });
  }
}

function writeIndex(office: Office, entries: readonly Entry[]): void {
  const lines = entries.map(
    ({ serialNumber, reason }) =>
      `R\t360101000000Z\t260102030405Z,${reason}\t${serialNumber.toString("hex").toUpperCase()}\tunknown\t/CN=x`,
  );
  writeFileSync(join(office.pki.folder, "index.txt"), `${lines.join("\n")}\n`);
}
