import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crlFileNames } from "../authority/crl-files.ts";
import type { IssuerFiles } from "../authority/issuer-files.ts";
import { crlKinds } from "../config/crl-names.ts";
import { crlFolder } from "../config/data-files.ts";
import { type CRLScope, crlScopes } from "../crl/scope.ts";
import { sameOctets } from "../der/oids.ts";
import { rfc3339 } from "../der/time.ts";
import { type CRLRow, publishedCRL, readCRLRows } from "../store/crl-rows.ts";
import { readRefusedCRL } from "../store/refused-crls.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { readCertificate } from "../x509/certificate.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";

/** Of one fault so many CRLs are named: an issuer may have thousands of shards. */
const MOST_NAMED = 3;

/** An issuer, and what its CRLs are looked at with. */
interface Looked {
  readonly store: StoreReader;
  readonly setup: Setup;
  readonly name: string;
  readonly number: number;
  readonly origin: "made" | "imported";
}

/** Looks for one fault of a CRL that is published, or should be. */
type Look = (scope: CRLScope, row: CRLRow | undefined) => Finding[] | Promise<Finding[]>;

/**
 * The published CRLs of each issuer, full, delta and shards: each there as it was made, and not over. Before the
 * first there is nothing to say.
 */
export async function checkCRLs(store: StoreReader, setup: Setup): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const issuer of setup.issuers) {
    const number = issuerNumberOf(store, issuer);
    if (number === undefined) continue;
    const { name, crl } = issuer.config;
    const origin = crl?.signer ? "made" : "imported";
    const looked = { store, setup, name, number, origin } as const;
    findings.push(...notUsed(looked));
    if (crl) findings.push(...(await lookAtAll(looked, crlScopes(crlKinds(crl)))));
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

async function lookAtAll(looked: Looked, scopes: readonly CRLScope[]): Promise<Finding[]> {
  const { store, number } = looked;
  if (!publishedCRL(store, number, "full"))
    return scopes.flatMap((scope) => refused(looked, scope));
  const looks: readonly Look[] = [
    (scope) => refused(looked, scope),
    (scope, row) => missing(looked, scope, row),
    (_, row) => overdue(looked, row),
    (_, row) => fileFindings(looked, row),
    (_, row) => nameFindings(looked, row),
  ];
  const findings: Finding[] = [];
  for (const look of looks) {
    const found: Finding[] = [];
    for (const scope of scopes) {
      found.push(...(await look(scope, publishedCRL(store, number, scope))));
    }
    findings.push(...firstOf(found));
  }
  return findings;
}

function firstOf(found: readonly Finding[]): Finding[] {
  const named = found.slice(0, MOST_NAMED);
  const last = named.at(-1);
  if (!last || found.length <= MOST_NAMED) return named;
  const more = `${last.problem}; so it is with ${found.length - MOST_NAMED} more of its CRLs`;
  return [...named.slice(0, -1), { ...last, problem: more }];
}

/** What was brought and is not used; whoever brought it has been told, and the CRL in force goes on. */
function notUsed({ store, name, number, origin }: Looked): Finding[] {
  const last = origin === "imported" ? readRefusedCRL(store, number) : undefined;
  if (!last) return [];
  return [
    warning({
      where: `issuer ${name}, ${last.name}`,
      problem: `this CRL was brought at ${rfc3339(last.at)} and is not used: ${last.refused}`,
      do: `get the right one from the CA: vouch import ${name} FILE`,
    }),
  ];
}

function refused({ store, name, number }: Looked, scope: CRLScope): Finding[] {
  const [newest] = readCRLRows(store, number, scope, 1);
  if (!newest?.refused) return [];
  return [
    problem({
      where: whereOf(name, newest),
      problem: `was not published, and the one before it stays: ${newest.refused}`,
      do: `see the authority's log; once it is put right: vouch crl issue ${name}`,
    }),
  ];
}

/** A declared URL must never answer 404; of an imported CRL nobody declares a delta. */
function missing({ name, origin }: Looked, scope: CRLScope, row: CRLRow | undefined): Finding[] {
  if (row || origin === "imported") return [];
  return [
    problem({
      where: `issuer ${name}, ${scope} CRL`,
      problem: "is declared and not there: its URL answers 404",
      do: `start or reload the authority, which makes it; if it runs, see its log and: vouch crl issue ${name}`,
    }),
  ];
}

function overdue({ name, setup, origin }: Looked, row: CRLRow | undefined): Finding[] {
  if (!row || row.nextUpdate > setup.clock()) return [];
  // The next full CRL takes a delta's place; whether its CA makes another is its own affair.
  if (origin === "imported" && row.scope === "delta") return [];
  return [
    problem({
      where: whereOf(name, row),
      problem: `is over since ${rfc3339(row.nextUpdate)} (nextUpdate), and relying parties refuse it`,
      do:
        origin === "imported"
          ? `get a newer one from the CA: vouch import ${name} FILE; where crl.url is set, the authority's log says why none came`
          : `start the authority, which makes a new one; if it runs, see its log and: vouch crl issue ${name}`,
    }),
  ];
}

async function fileFindings(looked: Looked, row: CRLRow | undefined): Promise<Finding[]> {
  if (!row) return [];
  const where = join(crlFolder(looked.setup.config.data), row.file);
  const fault = await fileFault(where, row);
  if (!fault) return [];
  return [
    problem({
      where,
      problem: `the ${kindOf(row)} that issuer ${looked.name} publishes ${fault}`,
      do: anew(looked),
    }),
  ];
}

/** What other web servers serve as the newest has to be it. */
async function nameFindings(looked: Looked, row: CRLRow | undefined): Promise<Finding[]> {
  if (!row) return [];
  const folder = crlFolder(looked.setup.config.data);
  const { newest } = crlFileNames(looked.name, row.scope, row.crlNumber);
  const own = await inode(join(folder, row.file));
  const where = join(folder, newest);
  if (own === undefined || own === (await inode(where))) return [];
  if (!(await fileFault(where, row))) return [];
  return [
    problem({
      where,
      problem: `is not the newest ${kindOf(row)} of issuer ${looked.name}, ${row.file}: other web servers would not serve that`,
      do: "restart the authority, which puts the name right",
    }),
  ];
}

function anew({ name, origin }: Looked): string {
  return origin === "imported"
    ? `import it again, or a newer one: vouch import ${name} FILE`
    : `make a new one: vouch crl issue ${name}`;
}

function whereOf(name: string, row: CRLRow): string {
  return `issuer ${name}, ${kindOf(row)} ${row.crlNumber}`;
}

function kindOf({ scope }: CRLRow): string {
  return scope === "full" ? "CRL" : `${scope} CRL`;
}

async function fileFault(file: string, { sha256 }: CRLRow): Promise<string | undefined> {
  try {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex") === sha256
      ? undefined
      : "is not what was signed: its SHA-256 is another";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "is missing" : `cannot be read: ${message}`;
  }
}

async function inode(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ ino }) => ino,
    () => undefined,
  );
}
