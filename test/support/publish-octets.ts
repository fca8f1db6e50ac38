import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crlFolder } from "../../src/config/data-files.ts";
import { numberedName } from "../../src/crl/scope.ts";
import { writeCRLRow } from "../../src/store/crl-rows.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { nextGeneration } from "../../src/store/service-view.ts";

/**
 * Publishes so many octets as an issuer's newest full CRL in the store of a stopped daemon. Responders
 * hand octets out and never look into them, so any will do.
 */
export async function publishOctets(data: string, issuer: string, size: number): Promise<Buffer> {
  const octets = randomBytes(size);
  const now = Math.floor(Date.now() / 1000);
  // Above any that a clock gives, and rising.
  const crlNumber = 2n ** 63n + process.hrtime.bigint();
  const file = numberedName(`${issuer}.crl`, crlNumber);
  const path = join(crlFolder(data), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, octets);
  const store = openStore(data);
  await store.transact((transaction) => {
    writeCRLRow(transaction, 1, {
      scope: "full",
      crlNumber: String(crlNumber),
      baseCRLNumber: null,
      sequence: null,
      thisUpdate: now,
      nextUpdate: now + 86_400,
      entries: 0,
      bytes: size,
      sha256: createHash("sha256").update(octets).digest("hex"),
      file,
      endedHolds: [],
      refused: null,
    });
    nextGeneration(transaction);
  });
  await store.close();
  return octets;
}
