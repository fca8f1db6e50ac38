import { constants, existsSync } from "node:fs";
import { dataFile, lockFile } from "../config/data-files.ts";
import { openStoreReader } from "../store/lmdb.ts";
import { requireSchema } from "../store/settings.ts";
import type { StoreReader } from "../store/store.ts";
import { publicKeyName, readWithdrawn, type WithdrawnSigner } from "../store/withdrawn.ts";
import type { Certificate } from "../x509/certificate.ts";
import { noSigner, validSigners } from "./check-signers.ts";
import { accessFault } from "./file-access.ts";
import { type Finding, type Setup, warning } from "./finding.ts";

/** Signers that are configured, sound, and withdrawn: they never sign again, and perhaps nobody else can. */
export function checkWithdrawn(store: StoreReader, setup: Setup): Finding[] {
  const all = readWithdrawn(store);
  return setup.issuers.flatMap((issuer) => {
    const valid = validSigners(issuer, setup);
    const withdrawn = valid.flatMap(({ where, certificate }) => {
      const found = withdrawalOf(certificate, all);
      if (!found) return [];
      const remedy = "take it out of ocsp.signers, once another one signs";
      return [warning({ where, problem: withdrawnText(found), do: remedy })];
    });
    const isNoneLeft = withdrawn.length > 0 && withdrawn.length === valid.length;
    return isNoneLeft ? [noSigner(issuer.config.name), ...withdrawn] : withdrawn;
  });
}

/** When a certificate's key was withdrawn, in this one or in another certificate; nothing where it was not. */
export function withdrawalOf(
  certificate: Certificate,
  all: readonly WithdrawnSigner[],
): WithdrawnSigner | undefined {
  const publicKey = publicKeyName(certificate);
  return all.find((one) => one.publicKey === publicKey);
}

/** That a key was withdrawn, in words for the operator. */
export function withdrawnText({ serialNumber, at, by }: WithdrawnSigner): string {
  return `its key was withdrawn on ${at} by ${by} (signer ${serialNumber}), and never signs again`;
}

/** The signers that were ever withdrawn; none where there is no store that this user may read. */
export async function withdrawnSigners(data: string): Promise<readonly WithdrawnSigner[]> {
  if (accessFault(dataFile(data), constants.R_OK) || !existsSync(lockFile(data))) return [];
  const store = openStoreReader(data);
  try {
    requireSchema(store);
    return readWithdrawn(store);
  } finally {
    await store.close();
  }
}
