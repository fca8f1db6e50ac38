import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { IssuerFiles } from "../authority/issuer-files.ts";
import { crlFolder } from "../config/data-files.ts";
import { sameOctets } from "../der/oids.ts";
import { rfc3339 } from "../der/time.ts";
import { type CRLRow, publishedCRL, readCRLRows } from "../store/crl-rows.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { readCertificate } from "../x509/certificate.ts";
import { type Finding, problem, type Setup } from "./finding.ts";

const SCOPE = "full";

/** The published CRL of each issuer: there as it was made, and not over. Before the first there is nothing to say. */
export async function checkCRLs(store: StoreReader, setup: Setup): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const issuer of setup.issuers.filter(({ config }) => config.crl)) {
    const number = issuerNumberOf(store, issuer);
    if (number === undefined) continue;
    const { name } = issuer.config;
    findings.push(...refusedCRL(store, number, name));
    const row = publishedCRL(store, number, SCOPE);
    if (row) findings.push(...overdue(row, name, setup), ...(await fileFindings(row, name, setup)));
  }
  return findings;
}

/** As the authority last told responders; nothing before it first ran with this issuer. */
function issuerNumberOf(store: StoreReader, { certificate: ca }: IssuerFiles): number | undefined {
  const served = readServiceView(store)?.issuers ?? [];
  return served.find(({ certificate }) => {
    const { subject, subjectPublicKey } = readCertificate(certificate);
    return (
      ca && sameOctets(subject, ca.subject) && sameOctets(subjectPublicKey, ca.subjectPublicKey)
    );
  })?.number;
}

function refusedCRL(store: StoreReader, number: number, name: string): Finding[] {
  const [newest] = readCRLRows(store, number, SCOPE, 1);
  if (!newest?.refused) return [];
  return [
    problem({
      where: `issuer ${name}, CRL ${newest.crlNumber}`,
      problem: `was not published, and the one before it stays: ${newest.refused}`,
      do: `see the authority's log; once it is put right: vouch crl issue ${name}`,
    }),
  ];
}

function overdue({ crlNumber, nextUpdate }: CRLRow, name: string, { clock }: Setup): Finding[] {
  if (nextUpdate > clock()) return [];
  return [
    problem({
      where: `issuer ${name}, CRL ${crlNumber}`,
      problem: `is over since ${rfc3339(nextUpdate)} (nextUpdate), and relying parties refuse it`,
      do: `start the authority, which makes a new one; if it runs, see its log and: vouch crl issue ${name}`,
    }),
  ];
}

async function fileFindings(row: CRLRow, name: string, { config }: Setup): Promise<Finding[]> {
  const where = join(crlFolder(config.data), row.file);
  const fault = await fileFault(where, row);
  if (!fault) return [];
  const remedy = `restore it from a backup; then make a new one: vouch crl issue ${name}`;
  return [
    problem({ where, problem: `the CRL that issuer ${name} publishes ${fault}`, do: remedy }),
  ];
}

async function fileFault(file: string, { sha256 }: CRLRow): Promise<string | undefined> {
  try {
    const found = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    return found === sha256 ? undefined : "is not what was signed: its SHA-256 is another";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "is missing" : `cannot be read: ${message}`;
  }
}
