import { join } from "node:path";
import { errorText } from "../../observe/logger.ts";
import { crlFileNames } from "../crl-files.ts";
import { CRLHistory } from "../crl-history.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import type { CRLImporter } from "./crl-importer.ts";

/**
 * Where the store was put back to an earlier state, imports the newer CRLs whose files are still there: relying
 * parties have seen them, and no older one may take their place (RFC 5280 5.2.3). `folder` is where CRL files are.
 * Never rejects: what fails for one issuer is logged, and delays no other.
 */
export async function importNewer(
  desk: Desk,
  importer: Pick<CRLImporter, "import">,
  folder: string,
): Promise<void> {
  const history = new CRLHistory(desk, folder);
  for (const issuer of desk.issuers()) {
    if (!issuer.config.crl || issuer.config.crl.signer) continue;
    try {
      await importNewerOf(issuer, { history, importer, folder });
    } catch (error) {
      const reason = errorText(error);
      desk.log.error({ issuer: issuer.name, reason }, "a newer CRL was not imported");
    }
  }
}

async function importNewerOf(
  issuer: Issuer,
  parts: {
    readonly history: CRLHistory;
    readonly importer: Pick<CRLImporter, "import">;
    readonly folder: string;
  },
): Promise<void> {
  const { history, importer, folder } = parts;
  for (const scope of ["full", "delta"] as const) {
    const newest = await history.previous(issuer, scope);
    if (!newest || !history.isBehind(issuer, scope)) continue;
    const name = crlFileNames(issuer.name, scope, newest.crlNumber).newest;
    const request = { file: join(folder, name), name, by: "data/crl", dryRun: false };
    await importer.import(issuer, request);
  }
}
