import { access } from "node:fs/promises";
import { join } from "node:path";
import { crlKinds } from "../config/crl-names.ts";
import { crlScopes } from "../crl/scope.ts";
import { type CRLRow, writeCRLRow } from "../store/crl-rows.ts";
import { nextGeneration } from "../store/service-view.ts";
import { crlFileNames, publishAs } from "./crl-files.ts";
import type { CRLHistory } from "./crl-history.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/**
 * Where the store was put back to an earlier state, lets the newer CRLs whose files are still there be served on:
 * a CRLNumber that relying parties have seen never goes back (RFC 5280 5.2.3), nor does what they saw revoked.
 */
export async function adoptNewer(
  { store }: Pick<Desk, "store">,
  history: CRLHistory,
  folder: string,
  issuer: Issuer,
): Promise<void> {
  const rows: CRLRow[] = [];
  for (const scope of crlScopes(crlKinds(issuer.config.crl))) {
    const newest = await history.previous(issuer, scope);
    if (newest && history.isBehind(issuer, scope)) rows.push(newest);
  }
  if (rows.length === 0) return;
  for (const row of rows) await nameByNumber(folder, issuer, row);
  await store.transact((transaction) => {
    for (const row of rows) writeCRLRow(transaction, issuer.number, row);
    nextGeneration(transaction);
  });
  for (const row of rows) history.adopt(issuer, row);
}

/** Responders read a CRL under the name with its number, which may have gone with the store. */
async function nameByNumber(folder: string, { name }: Issuer, row: CRLRow): Promise<void> {
  const names = crlFileNames(name, row.scope, row.crlNumber);
  const file = join(folder, names.file);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) await publishAs(join(folder, names.newest), file);
}
