import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { foreignCRLFault } from "../../crl/foreign-crl.ts";
import type { ReadForeignCRL } from "../../crl/foreign-crl-reader.ts";
import { metrics } from "../../observe/metrics.ts";
import { publishedCRL } from "../../store/crl-rows.ts";
import { type HeldState, readHeldCRLs } from "../../store/held-crls.ts";
import { type RefusedCRL, readRefusedCRL, writeRefusedCRL } from "../../store/refused-crls.ts";
import type { CRLImportReport } from "../admin-import-types.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import { isWhole } from "../published-files.ts";
import type { CRL_IMPORT_RESULTS } from "../zero-counters.ts";
import { type Applied, applyCRL, type CRLRequest } from "./apply-crl.ts";
import { countOnFrom, holdCRL, type PublishedFolder, restoreFile, saidOf } from "./hold-crl.ts";
import { readCRLFile } from "./read-crl-file.ts";
import type { Renewal } from "./renewal.ts";

type CRLImportResult = Exclude<(typeof CRL_IMPORT_RESULTS)[number], "failed">;

/** Imports CRLs that were made elsewhere: reads, checks, applies and publishes them, an issuer's one after the other. */
export class CRLImporter {
  readonly #desk: Desk;
  readonly #folders: PublishedFolder & { readonly work: string };
  readonly #renewal: Pick<Renewal, "start">;
  readonly #underWay = new Map<number, Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(
    desk: Desk,
    folders: PublishedFolder & { readonly work: string },
    renewal: Pick<Renewal, "start">,
  ) {
    this.#desk = desk;
    this.#folders = folders;
    this.#renewal = renewal;
  }

  /**
   * Imports a CRL. It is refused, with a bad line in the report and nothing changed, unless the issuer made it, it is
   * in its time, and it does not go back behind the one in force. A crash leaves only what the CRL says; the same CRL
   * again does the rest.
   */
  import(issuer: Issuer, request: CRLRequest): Promise<CRLImportReport> {
    const before = this.#underWay.get(issuer.number) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(() => this.#import(issuer, request));
    this.#underWay.set(issuer.number, done);
    return done;
  }

  /** Whether the full CRL that is handed on is there for those who ask; false where none is. */
  async isHandedOn({ number }: Issuer): Promise<boolean> {
    this.#desk.store.refresh();
    const row = publishedCRL(this.#desk.store, number, "full");
    return row !== undefined && isWhole(this.#folders.published, row);
  }

  /** Takes note that where CRLs come from there is none newer than the one in force. */
  async unchanged(issuer: Issuer): Promise<void> {
    this.#count(issuer, "unchanged");
    await this.#keepRefused(issuer, undefined);
  }

  /** Gives up after the batch that is under way; the same CRL again does the rest. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the authority stops: import the CRL again"));
    await Promise.allSettled(this.#underWay.values());
  }

  /** A name for a file that is worked on, on the file system of what is published; whoever asks removes it. */
  async workFile(): Promise<string> {
    await mkdir(this.#folders.work, { recursive: true, mode: 0o700 });
    return join(this.#folders.work, randomUUID());
  }

  async #import(issuer: Issuer, request: CRLRequest): Promise<CRLImportReport> {
    const copy = await this.workFile();
    try {
      const read = await readCRLFile({
        file: request.file,
        issuer: issuer.certificate.der,
        copy,
      });
      if ("bad" in read) return await this.#refused(issuer, request, read.bad);
      return await this.#use(issuer, request, read.crl, copy);
    } finally {
      await rm(copy, { force: true });
    }
  }

  async #use(
    issuer: Issuer,
    request: CRLRequest,
    crl: ReadForeignCRL,
    copy: string,
  ): Promise<CRLImportReport> {
    const held = readHeldCRLs(this.#desk.store, issuer.number);
    const entries = crl.summary.entryCount;
    if (isHeld(held, crl)) return await this.#again(issuer, request, crl, copy);
    if (isDeltaOfHeld(held, crl)) return await this.#again(issuer, request, crl);
    const use = useOf(issuer);
    const now = this.#desk.clock();
    const fault = foreignCRLFault(crl.summary, { held, use, now, url: issuer.config.crl?.url });
    if (fault !== undefined) return await this.#refused(issuer, request, fault, crl);
    const applied = await this.#apply(issuer, request, crl);
    if (request.dryRun) return applied.report;
    if (use !== "entries") {
      await holdCRL(this.#desk, issuer, {
        ...this.#folders,
        by: request.by,
        copy,
        crl,
        held,
        lost: applied.lost,
      });
    } else await countOnFrom(this.#desk, issuer, crl.summary.crlNumber);
    if (issuer.config.source === "crl") this.#renewal.start(issuer.number);
    this.#count(issuer, "imported");
    const { added, changed } = applied.report;
    const crlNumber = crl.summary.crlNumber?.toString() ?? null;
    this.#desk.log.info(
      { issuer: issuer.name, crlNumber, entries, added, changed },
      "CRL imported",
    );
    return applied.report;
  }

  /** Nothing new; a CRL that is in force comes with its `copy`, for the case that its file was lost. */
  async #again(
    issuer: Issuer,
    { dryRun }: CRLRequest,
    crl: ReadForeignCRL,
    copy?: string,
  ): Promise<CRLImportReport> {
    if (!dryRun && copy) await restoreFile(this.#desk, issuer, { ...this.#folders, copy, crl });
    if (!dryRun) await this.unchanged(issuer);
    const read = crl.summary.entryCount;
    return { read, added: 0, changed: 0, unchanged: read, bad: [], warnings: [] };
  }

  /** Where nobody signs OCSP answers for the issuer, CRLs are checked and handed on, and nothing else is kept of them. */
  #apply(issuer: Issuer, request: CRLRequest, crl: ReadForeignCRL): Promise<Applied> | Applied {
    const isAnswered = issuer.config.source === "issued" || issuer.config.ocsp.signers.length > 0;
    if (isAnswered)
      return applyCRL(this.#desk, issuer, request, { crl, signal: this.#stopping.signal });
    const read = crl.summary.entryCount;
    const report = { read, added: 0, changed: 0, unchanged: read, bad: [], warnings: [] };
    return { report, lost: 0 };
  }

  async #refused(
    issuer: Issuer,
    { name, dryRun }: CRLRequest,
    refused: string,
    crl?: ReadForeignCRL,
  ): Promise<CRLImportReport> {
    if (!dryRun) {
      this.#count(issuer, "refused");
      const says = crl ? saidOf(crl) : null;
      await this.#keepRefused(issuer, { name, at: this.#desk.clock(), refused, says });
    }
    this.#desk.log.error({ issuer: issuer.name, file: name, refused }, "CRL not imported");
    const bad = [{ file: name, line: 1, message: `this CRL is not used: ${refused}` }];
    return { read: 1, added: 0, changed: 0, unchanged: 0, bad, warnings: [] };
  }

  /** For `crl list`, where it shows until a CRL is used; where CRLs are made here, that lists those. */
  async #keepRefused(issuer: Issuer, refused: RefusedCRL | undefined): Promise<void> {
    const { store } = this.#desk;
    store.refresh();
    if (useOf(issuer) === "entries" || (!refused && !readRefusedCRL(store, issuer.number))) return;
    await store.transact((transaction) => writeRefusedCRL(transaction, issuer.number, refused));
  }

  #count(issuer: Issuer, result: CRLImportResult): void {
    metrics.crlImports.inc({ issuer: issuer.name, result });
  }
}

function isHeld(held: HeldState | undefined, { sha256 }: ReadForeignCRL): boolean {
  return held !== undefined && (held.full.sha256 === sha256 || held.delta?.sha256 === sha256);
}

/** A delta that came with the full CRL held here has its number, and tells nothing that it does not (RFC 5280 5.2.4). */
function isDeltaOfHeld(held: HeldState | undefined, { summary }: ReadForeignCRL): boolean {
  if (summary.baseCRLNumber === undefined || summary.crlNumber === undefined) return false;
  return held?.full.crlNumber === summary.crlNumber.toString();
}

/** What CRLs of this issuer are imported for. */
function useOf({ config: { source, crl } }: Issuer): "status" | "published" | "entries" {
  if (source === "crl") return "status";
  return crl && !crl.signer ? "published" : "entries";
}
