import type { ReadForeignCRL } from "../../crl/foreign-crl-reader.ts";
import { decodeRevocation } from "../../crl/revocation.ts";
import { rfc3339 } from "../../der/time.ts";
import { CRLReason, reasonName } from "../../x509/reason.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import type { CRLImportReport, ImportReport, ImportRow } from "../admin-import-types.ts";
import type { Desk } from "../desk.ts";
import { sumReports } from "../import/sum-reports.ts";
import { importBatch } from "../import-batch.ts";
import type { Issuer } from "../issuer.ts";
import { type CRLDifference, deltaDifferences, fullDifferences } from "./crl-differences.ts";
import { StatusFromCRL } from "./status-from-crl.ts";

/** A CRL that somebody brings. */
export interface CRLRequest {
  /** Where it lies on this machine, in DER or PEM. */
  readonly file: string;
  /** What who brings it calls it. */
  readonly name: string;
  readonly by: string;
  /** Tell what would be, change nothing. */
  readonly dryRun: boolean;
}

/** What applying a CRL came to. */
export interface Applied {
  readonly report: CRLImportReport;
  /** How many revocations the CRL undoes; they stay. */
  readonly lost: number;
}

const MOST_NAMED = 5;

/** Brings what the store says of certificates into line with a CRL, or with `dryRun` tells what that would be. */
export function applyCRL(
  desk: Desk,
  issuer: Issuer,
  request: CRLRequest,
  { crl, signal }: { readonly crl: ReadForeignCRL; readonly signal: AbortSignal },
): Promise<Applied> {
  const isDelta = crl.summary.baseCRLNumber !== undefined;
  const differences = (isDelta ? deltaDifferences : fullDifferences)(
    desk.store,
    issuer.number,
    crl.packed,
  );
  const apply = issuer.config.source === "crl" ? applyAsTruth : applyEntries;
  return apply(desk, issuer, request, crl, untilStopped(differences, signal));
}

type Differences = AsyncGenerator<CRLDifference[]>;

async function* untilStopped(differences: Differences, signal: AbortSignal): Differences {
  for await (const batch of differences) {
    signal.throwIfAborted();
    yield batch;
  }
}

/** The CRL is the truth: also about what it no longer lists. */
async function applyAsTruth(
  desk: Desk,
  issuer: Issuer,
  request: CRLRequest,
  { summary }: ReadForeignCRL,
  differences: Differences,
): Promise<Applied> {
  const { thisUpdate, entryCount: read } = summary;
  const crlNumber = summary.crlNumber?.toString() ?? null;
  const statusEnds = summary.baseCRLNumber === undefined ? summary.nextUpdate : undefined;
  const { by } = request;
  const status = new StatusFromCRL(desk, issuer, { thisUpdate, crlNumber, statusEnds, by });
  if (request.dryRun) for await (const batch of differences) status.count(batch);
  else await applyAll(status, differences);
  const { added, changed, lost } = status.changes;
  const unchanged = Math.max(0, read - added - changed);
  const warnings = lostWarnings(issuer, lost);
  for (const warning of warnings)
    desk.log.error({ issuer: issuer.name, lost: lost.length }, warning);
  return { report: { read, added, changed, unchanged, bad: [], warnings }, lost: lost.length };
}

/** While a batch is on its way to the disk, the next one is got ready; none is under way when this ends. */
async function applyAll(status: StatusFromCRL, differences: Differences): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  try {
    for await (const batch of differences) {
      const next = status.apply(batch);
      // Its failure is met a turn later; a rejection that nobody waits for would end the process.
      next.catch(() => undefined);
      const [before] = await Promise.allSettled([last]);
      last = next;
      if (before.status === "rejected") throw before.reason;
    }
  } finally {
    await last;
  }
}

function lostWarnings({ name }: Issuer, lost: readonly string[]): string[] {
  if (lost.length === 0) return [];
  const named = lost.slice(0, MOST_NAMED).join(", ");
  const more = lost.length > MOST_NAMED ? ` and ${lost.length - MOST_NAMED} more` : "";
  return [
    `this CRL of ${name} takes back ${lost.length} revocations of certificates that have not expired (${named}${more}): they stay revoked; ask the CA`,
  ];
}

/** What the CRL lists was issued and is revoked; what it does not list says nothing. */
async function applyEntries(
  desk: Desk,
  issuer: Issuer,
  { name, by, dryRun }: CRLRequest,
  { summary }: ReadForeignCRL,
  differences: Differences,
): Promise<Applied> {
  let report: ImportReport = { read: 0, added: 0, changed: 0, unchanged: 0, bad: [] };
  for await (const batch of differences) {
    const rows = batch.flatMap((difference) => rowOf(difference, name));
    report = sumReports(report, await importBatch(desk, issuer, { rows, by, dryRun }));
  }
  const read = summary.entryCount;
  const unchanged = read - report.added - report.changed - report.bad.length;
  return { report: { ...report, read, unchanged, warnings: [] }, lost: 0 };
}

function rowOf({ serialNumber, listed }: CRLDifference, file: string): ImportRow | [] {
  if (!listed) return [];
  const { reason, revocationDate, invalidityDate } = decodeRevocation(listed);
  return {
    serialNumber: serialNumberText(serialNumber),
    notAfter: null,
    status: reason === CRLReason.certificateHold ? "hold" : "revoked",
    reason: reasonName(reason) ?? "unspecified",
    revocationDate: rfc3339(revocationDate),
    invalidityDate: invalidityDate === undefined ? null : rfc3339(invalidityDate),
    file,
    line: 1,
  };
}
