import { stat } from "node:fs/promises";
import { join } from "node:path";
import { crlKinds } from "../config/crl-names.ts";
import { crlScopes } from "../crl/scope.ts";
import { errorText } from "../observe/logger.ts";
import { type CRLRow, publishedCRL } from "../store/crl-rows.ts";
import { adoptNewer } from "./crl-adoption.ts";
import type { CRLCompression } from "./crl-compression.ts";
import { type CRLFileNames, crlFileNames, publishAs } from "./crl-files.ts";
import type { CRLHistory } from "./crl-history.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/**
 * Does what a crash left undone of CRLs that were published: names of the newest that still lead to the one before,
 * which other web servers would go on serving, and compressed forms. Before that, the CRLs that were published since the
 * state to which the store was put back are published again.
 */
export async function mendPublished(
  desk: Pick<Desk, "store" | "log" | "issuers">,
  history: CRLHistory,
  folder: string,
  compression: Pick<CRLCompression, "begin">,
): Promise<void> {
  for (const issuer of desk.issuers()) {
    if (!issuer.config.crl) continue;
    if (issuer.config.crl.signer) await adoptNewer(desk, history, folder, issuer);
    desk.store.refresh();
    const scopes = crlScopes(crlKinds(issuer.config.crl));
    const rows = scopes.flatMap((scope) => publishedCRL(desk.store, issuer.number, scope) ?? []);
    for (const row of rows) {
      if (await isNameWrong(history, folder, issuer, row))
        await mendName(desk, folder, issuer, row);
    }
    compression.begin(
      issuer,
      rows.filter(({ gzip }) => gzip === undefined),
    );
  }
}

async function isNameWrong(
  history: CRLHistory,
  folder: string,
  issuer: Issuer,
  row: CRLRow,
): Promise<boolean> {
  const { file, newest } = namesOf(issuer, row);
  const own = await inode(join(folder, file));
  // In the place of a file that somebody removed the schedule makes a new CRL.
  if (own === undefined || own === (await inode(join(folder, newest)))) return false;
  await history.previous(issuer, row.scope);
  return !history.isBehind(issuer, row.scope);
}

async function mendName(
  { log }: Pick<Desk, "log">,
  folder: string,
  issuer: Issuer,
  row: CRLRow,
): Promise<void> {
  const { file, newest } = namesOf(issuer, row);
  await publishAs(join(folder, file), join(folder, newest)).catch((error: unknown) => {
    const reason = errorText(error);
    log.error({ issuer: issuer.name, file: newest, reason }, "CRL has no name");
  });
}

function namesOf({ name }: Issuer, { scope, crlNumber }: CRLRow): CRLFileNames {
  return crlFileNames(name, scope, crlNumber);
}

async function inode(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ ino }) => ino,
    () => undefined,
  );
}
