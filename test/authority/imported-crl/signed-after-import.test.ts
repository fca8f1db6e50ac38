import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type ImportOffice, openImportOffice } from "./import-office.ts";

/** Gives the issuer's CRLs a signer, as an operator does who lets Vouch sign them from now on. */
async function signFromNowOn({ office }: ImportOffice): Promise<void> {
  const { file } = office.config;
  const document = parse(readFileSync(file, "utf8"));
  const { caCertificate, caKey } = office.pki;
  document.issuers[0].crl.signer = { certificate: caCertificate, key: caKey };
  writeFileSync(file, stringify(document));
  await office.reopen();
}

it("the first CRL signed here follows one by another maker, whose order is another", async () => {
  const site = await openImportOffice("issued");
  try {
    const entries = ["01", "7f", "80", "0100"].map((serialNumber) => ({ serialNumber }));
    const brought = await site.bring({ entries, crlNumber: 7 });
    expect(brought).toMatchObject({ bad: [] });
    await signFromNowOn(site);
    await site.office.import([]);
    const [crl] = await site.office.issueCRLs();
    expect(crl).toMatchObject({ refused: null, entries: 4 });
    expect(BigInt(crl?.crlNumber ?? "0")).toBeGreaterThan(7n);
    expect(site.office.errors).toEqual([]);
  } finally {
    await site.office.close();
  }
});
