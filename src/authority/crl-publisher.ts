import { createHash } from "node:crypto";
import { join } from "node:path";
import { nextCRLNumber } from "../crl/crl-number.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import type { Signing } from "../signing/jobs.ts";
import { type Pair, packPairs } from "../signing/packing.ts";
import { type CRLRow, publishedCRL, readCRLRows, writeCRLRow } from "../store/crl-rows.ts";
import { appendJournal } from "../store/journal.ts";
import { nextGeneration } from "../store/service-view.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import type { PublishedCRL } from "./admin-types.ts";
import { publishAs, publishFile, removeOthers } from "./crl-files.ts";
import { removalFault, revokedRows } from "./crl-removals.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { clockStopped, Refused } from "./refused.ts";

const SCOPE = "full";
/** Files of earlier CRLs that stay, for who is just reading one and for looking back. */
const FILES_KEPT = 20;

/** A CRL before it has its row: what is about to be signed. */
interface Draft {
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly crlNumber: bigint;
  readonly previous: CRLRow | undefined;
  readonly rows: readonly Pair[];
}

/** Makes, proves and publishes CRLs. */
export class CRLPublisher {
  readonly #desk: Desk;
  readonly #signing: Signing;
  readonly #folder: string;
  /** The last of each issuer's that was asked for: they are made one after the other. */
  readonly #underWay = new Map<number, Promise<unknown>>();

  /** `folder` is where CRL files are published. */
  constructor(desk: Desk, signing: Signing, folder: string) {
    this.#desk = desk;
    this.#signing = signing;
    this.#folder = folder;
  }

  /**
   * Issues a full CRL now. What fails its proof is not published: the previous CRL stays, and the row says
   * why. Asked for while one is being made, it gives that one's successor.
   */
  issue(issuer: Issuer, by: string): Promise<PublishedCRL> {
    const before = this.#underWay.get(issuer.number) ?? Promise.resolve();
    const made = before.catch(() => undefined).then(() => this.#make(issuer, by));
    this.#underWay.set(issuer.number, made);
    return made;
  }

  /** The newest CRLs of an issuer, newest first. */
  list(issuer: Issuer): PublishedCRL[] {
    this.#desk.store.refresh();
    const rows = readCRLRows(this.#desk.store, issuer.number, SCOPE, FILES_KEPT);
    return rows.map((row) => this.#shown(issuer, row));
  }

  /** The CRL that is published now. */
  published(issuer: Issuer): CRLRow | undefined {
    this.#desk.store.refresh();
    return publishedCRL(this.#desk.store, issuer.number, SCOPE);
  }

  async #make(issuer: Issuer, by: string): Promise<PublishedCRL> {
    const { crl } = issuer.config;
    if (!crl || !issuer.crlSigner) throw noCRL(issuer);
    if (!this.#desk.maySign()) throw clockStopped();
    const draft = await this.#draft(issuer, crl.validitySeconds, crl.keepExpired);
    const result = await this.#signing.crl({
      ...draft,
      keyFile: issuer.crlSigner.keyFile,
      certificate: issuer.certificate.der,
      previous: draft.previous && {
        crlNumber: BigInt(draft.previous.crlNumber),
        thisUpdate: draft.previous.thisUpdate,
      },
      expiredCertsOnCRL: crl.keepExpired ? issuer.certificate.notBefore : undefined,
      rows: packPairs(draft.rows),
    });
    if ("fault" in result) return this.#publish(issuer, draft, Buffer.alloc(0), result.fault, by);
    const { previous } = draft;
    const refused =
      previous && (await removalFault(this.#desk, issuer, previous, this.#folder, result.der));
    return this.#publish(issuer, draft, result.der, refused ?? null, by);
  }

  async #draft(issuer: Issuer, validitySeconds: number, keepExpired: boolean): Promise<Draft> {
    const previous = this.published(issuer);
    // Not earlier than the previous one, whatever the clock says: relying parties order CRLs by it.
    const thisUpdate = Math.max(this.#desk.clock(), previous?.thisUpdate ?? 0);
    const last = readSetting<string>(this.#desk.store, counterName(issuer));
    const crlNumber = nextCRLNumber(last === undefined ? undefined : BigInt(last), thisUpdate);
    const rows = await revokedRows(this.#desk, issuer, keepExpired ? undefined : previous);
    return { thisUpdate, nextUpdate: thisUpdate + validitySeconds, crlNumber, previous, rows };
  }

  async #publish(
    issuer: Issuer,
    draft: Draft,
    der: Uint8Array,
    refused: string | null,
    by: string,
  ): Promise<PublishedCRL> {
    const { thisUpdate, nextUpdate, rows } = draft;
    const crlNumber = draft.crlNumber.toString();
    const row: CRLRow = {
      scope: SCOPE,
      crlNumber,
      baseCRLNumber: null,
      sequence: null,
      thisUpdate,
      nextUpdate,
      entries: rows.length,
      bytes: der.length,
      sha256: createHash("sha256").update(der).digest("hex"),
      file: join(issuer.name, `${crlNumber}.crl`),
      endedHolds: [],
      refused,
    };
    // File first, then its row: a crash between leaves a file that nobody serves.
    if (refused === null) await publishFile(join(this.#folder, row.file), der);
    await this.#desk.store.transact((transaction) => {
      writeCRLRow(transaction, issuer.number, row);
      writeSetting(transaction, counterName(issuer), crlNumber);
      if (refused !== null) return;
      const at = rfc3339(this.#desk.clock());
      appendJournal(transaction, { action: "crl", by, at, issuer: issuer.name, crlNumber });
      nextGeneration(transaction);
    });
    if (refused === null) await this.#published(issuer, row);
    else this.#refused(issuer, row);
    return this.#shown(issuer, row);
  }

  async #published(issuer: Issuer, row: CRLRow): Promise<void> {
    const { crlNumber, entries, bytes } = row;
    const folder = join(this.#folder, issuer.name);
    await publishAs(join(this.#folder, row.file), `${folder}.crl`);
    const kept = readCRLRows(this.#desk.store, issuer.number, SCOPE, FILES_KEPT);
    await removeOthers(folder, new Set([row, ...kept].map(({ crlNumber: n }) => `${n}.crl`)));
    this.#desk.log.info({ issuer: issuer.name, crlNumber, entries, bytes }, "CRL published");
  }

  #refused(issuer: Issuer, { crlNumber, refused }: CRLRow): void {
    metrics.proofFailures.inc({ issuer: issuer.name, fault: "crl" });
    this.#desk.log.error({ issuer: issuer.name, crlNumber, refused }, "CRL refused");
  }

  #shown(issuer: Issuer, row: CRLRow): PublishedCRL {
    return {
      issuer: issuer.name,
      scope: row.scope,
      crlNumber: row.crlNumber,
      baseCRLNumber: row.baseCRLNumber,
      thisUpdate: rfc3339(row.thisUpdate),
      nextUpdate: rfc3339(row.nextUpdate),
      entries: row.entries,
      bytes: row.bytes,
      sha256: row.sha256,
      file: join(this.#folder, row.file),
      refused: row.refused,
    };
  }
}

function noCRL({ name, config }: Issuer): Refused {
  return config.crl
    ? new Refused("noCRL", `the CRL signer of ${name} cannot be used`, "see why with: vouch check")
    : new Refused(
        "noCRL",
        `${name} publishes no CRL`,
        "give it a crl section with a signer, then reload",
      );
}

function counterName(issuer: Issuer): string {
  return `crlNumber ${issuer.number} ${SCOPE}`;
}
