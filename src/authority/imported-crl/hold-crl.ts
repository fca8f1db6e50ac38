import { dirname, join } from "node:path";
import { type ForeignCRL, scopeText } from "../../crl/foreign-crl.ts";
import type { ReadForeignCRL } from "../../crl/foreign-crl-reader.ts";
import { rfc3339 } from "../../der/time.ts";
import { type CRLRow, readCRLRows, removeCRLRows, writeCRLRow } from "../../store/crl-rows.ts";
import { type HeldState, writeHeldCRLs } from "../../store/held-crls.ts";
import { appendJournal } from "../../store/journal.ts";
import { type SaidOfCRL, writeRefusedCRL } from "../../store/refused-crls.ts";
import { nextGeneration } from "../../store/service-view.ts";
import { readSetting, writeSetting } from "../../store/settings.ts";
import type { CRLCompression } from "../crl-compression.ts";
import { crlFileNames, publishAs, publishMoved, removeOld } from "../crl-files.ts";
import { crlRetention } from "../crl-retention.ts";
import { counterName } from "../crl-round.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import { isWhole } from "../published-files.ts";

/** Where published CRLs are, and what compresses them. */
export interface PublishedFolder {
  readonly published: string;
  readonly compression: Pick<CRLCompression, "begin">;
}

/** A CRL that has been applied, and what it takes the place of. */
export interface HeldRequest extends PublishedFolder {
  readonly by: string;
  /** The CRL in DER, on disk, in a folder of the same file system; it is moved away. */
  readonly copy: string;
  readonly crl: ReadForeignCRL;
  readonly held: HeldState | undefined;
  readonly lost: number;
}

/** So many rows of CRLs without a number there may be. */
const MOST_EARLIER = 1_000;

/**
 * Puts a CRL into force: from here on answers may live as long as it does, the next one is held against it, and,
 * where the issuer's CRLs are handed on, it is handed on octet for octet.
 */
export async function holdCRL(desk: Desk, issuer: Issuer, request: HeldRequest): Promise<void> {
  const row = issuer.config.crl && rowOf(issuer, request);
  // File first, then its row: a crash between leaves a file that nobody serves.
  if (row) await publishMoved(request.copy, join(request.published, row.file));
  await desk.store.transact((transaction) => {
    writeHeldCRLs(transaction, issuer.number, heldAfter(request));
    writeRefusedCRL(transaction, issuer.number, undefined);
    const crlNumber = request.crl.summary.crlNumber?.toString();
    const at = rfc3339(desk.clock());
    appendJournal(transaction, {
      action: "crl",
      by: request.by,
      at,
      issuer: issuer.name,
      crlNumber,
    });
    if (!row) return;
    // Those without a number have the time in its place, and would stay the highest.
    if (request.held?.full.crlNumber === null && crlNumber !== undefined) {
      removeCRLRows(transaction, issuer.number, earlierRows(desk, issuer, row));
    }
    writeCRLRow(transaction, issuer.number, row);
    nextGeneration(transaction);
  });
  if (!row) return;
  await giveName(desk, issuer, request, row);
  request.compression.begin(issuer, [row]);
}

/** Puts a CRL that is in force back among the files, where its own is gone or cut off. */
export async function restoreFile(
  desk: Desk,
  issuer: Issuer,
  request: PublishedFolder & Pick<HeldRequest, "copy" | "crl">,
): Promise<void> {
  const row = issuer.config.crl && rowOf(issuer, request);
  if (!row || (await isWhole(request.published, row))) return;
  await publishMoved(request.copy, join(request.published, row.file));
  await giveName(desk, issuer, request, row);
  request.compression.begin(issuer, [row]);
  desk.log.warn({ issuer: issuer.name, file: row.file }, "CRL file was missing, and is put back");
}

/** An issuer's own CRLs go on above the numbers of those that were made elsewhere before. */
export async function countOnFrom(
  desk: Desk,
  issuer: Issuer,
  crlNumber: bigint | undefined,
): Promise<void> {
  if (!issuer.config.crl?.signer || crlNumber === undefined) return;
  await desk.store.transact((transaction) => {
    const last = BigInt(readSetting<string>(transaction, counterName(issuer)) ?? 0);
    if (crlNumber > last) writeSetting(transaction, counterName(issuer), crlNumber.toString());
  });
}

function heldAfter({ crl, held, lost }: HeldRequest): HeldState {
  const { summary, sha256 } = crl;
  const now: ForeignCRL = {
    crlNumber: summary.crlNumber?.toString() ?? null,
    thisUpdate: summary.thisUpdate,
    nextUpdate: summary.nextUpdate,
    scope: scopeText(summary),
    sha256,
    entries: summary.entryCount,
  };
  if (summary.baseCRLNumber === undefined || !held) return { full: now, delta: null, lost };
  return { ...held, delta: now };
}

function rowOf(issuer: Issuer, { crl }: Pick<HeldRequest, "crl">): CRLRow {
  const said = saidOf(crl);
  const crlNumber = said.crlNumber ?? (BigInt(said.thisUpdate) * 1000n).toString();
  const { file } = crlFileNames(issuer.name, said.scope, crlNumber);
  return { ...said, crlNumber, file, sequence: null, endedHolds: [], refused: null };
}

/** What a CRL says of itself. */
export function saidOf({ summary, bytes, sha256 }: ReadForeignCRL): SaidOfCRL {
  const { crlNumber, baseCRLNumber, thisUpdate, nextUpdate, entryCount: entries } = summary;
  return {
    scope: baseCRLNumber === undefined ? "full" : "delta",
    crlNumber: crlNumber?.toString() ?? null,
    baseCRLNumber: baseCRLNumber?.toString() ?? null,
    ...{ thisUpdate, nextUpdate, entries, bytes, sha256 },
  };
}

function earlierRows(desk: Desk, issuer: Issuer, { scope }: CRLRow): CRLRow[] {
  return readCRLRows(desk.store, issuer.number, scope, MOST_EARLIER);
}

/** The name that stands for the newest, and no more files than are kept. */
async function giveName(
  desk: Desk,
  issuer: Issuer,
  { published }: PublishedFolder,
  row: CRLRow,
): Promise<void> {
  const { newest } = crlFileNames(issuer.name, row.scope, row.crlNumber);
  await publishAs(join(published, row.file), join(published, newest));
  desk.store.refresh();
  await removeOld(dirname(join(published, row.file)), crlRetention(desk, issuer, row.scope));
}
