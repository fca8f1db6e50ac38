import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CRLImportReport } from "../../../src/authority/admin-import-types.ts";
import { CRLCompression } from "../../../src/authority/crl-compression.ts";
import { CRLImporter } from "../../../src/authority/imported-crl/crl-importer.ts";
import { Renewal } from "../../../src/authority/imported-crl/renewal.ts";
import { crlFolder, workFolder } from "../../../src/config/data-files.ts";
import { type CRLPlan, opensslCRL } from "../../support/openssl-crl.ts";
import { type Office, openOffice, row } from "../office.ts";

/** An office whose issuer's CRLs are made by `openssl ca`, and imported. */
export interface ImportOffice {
  readonly office: Office;
  readonly renewal: Renewal;
  readonly importer: CRLImporter;
  readonly compression: CRLCompression;
  /** Makes a CRL and imports it. */
  bring(plan?: CRLPlan, dryRun?: boolean): Promise<CRLImportReport>;
  /** Imports these octets. */
  bringOctets(octets: Uint8Array, dryRun?: boolean): Promise<CRLImportReport>;
  /** Imports a list of good certificates that end at this time. */
  list(serialNumbers: readonly string[], notAfter?: string): Promise<void>;
}

/** Opens an office of a `source`, with a `crl` section that has no signer, or `false`. */
export async function openImportOffice(
  source: "issued" | "crl",
  crl: Readonly<Record<string, unknown>> | false = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<ImportOffice> {
  const unsigned = crl === false ? false : { signer: undefined, ...crl };
  const office = await openOffice({
    issuers: () => [{ name: "gov-1", more: { source, ...more } }],
    crl: unsigned,
  });
  const { renewal, importer, compression } = importerOf(office);
  const file = join(office.folder, "brought.crl");
  // Each CRL that does not say when is of a second later.
  let thisUpdate = Math.floor(Date.now() / 1000) - 5_000;
  const bringOctets = (octets: Uint8Array, dryRun = false): Promise<CRLImportReport> => {
    writeFileSync(file, octets);
    return importer.import(office.issuer(), { file, name: "brought.crl", by: "test", dryRun });
  };
  return {
    office,
    renewal,
    importer,
    compression,
    bringOctets,
    bring: (plan = {}, dryRun = false) =>
      bringOctets(opensslCRL(office.pki, { thisUpdate: thisUpdate++, ...plan }), dryRun),
    list: async (serialNumbers, notAfter = "2036-01-01T00:00:00Z") => {
      const report = await office.import(serialNumbers.map((one) => row(one, { notAfter })));
      if (report.bad.length > 0) throw new Error(JSON.stringify(report.bad));
    },
  };
}

/** What imports CRLs into an office. */
export function importerOf(
  office: Office,
): Pick<ImportOffice, "importer" | "renewal"> & { readonly compression: CRLCompression } {
  const published = crlFolder(office.config.data);
  const compression = new CRLCompression(office.desk, published);
  const renewal = new Renewal(office.desk);
  const folders = { compression, published, work: workFolder(office.config.data) };
  return { renewal, compression, importer: new CRLImporter(office.desk, folders, renewal) };
}
