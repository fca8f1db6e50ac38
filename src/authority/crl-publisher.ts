import { dirname, join } from "node:path";
import type { CRLScope } from "../crl/scope.ts";
import { END_OF_TIME, rfc3339 } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import type { Signing } from "../signing/jobs.ts";
import { type CRLRow, refusedSince, removeCRLRows, writeCRLRow } from "../store/crl-rows.ts";
import { appendJournal } from "../store/journal.ts";
import { nextGeneration } from "../store/service-view.ts";
import { writeSetting } from "../store/settings.ts";
import type { IssueRequest, ListedCRL, PublishedCRL } from "./admin-crl-types.ts";
import { CRLCompression } from "./crl-compression.ts";
import { crlFileNames, publishAs, publishFile, removeOld, removeUnfinished } from "./crl-files.ts";
import { CRLHistory } from "./crl-history.ts";
import { listCRLs, shownCRL } from "./crl-listing.ts";
import { CRLMaker } from "./crl-maker.ts";
import { mendPublished } from "./crl-mending.ts";
import { crlRetention } from "./crl-retention.ts";
import { counterName, type Round, startRound } from "./crl-round.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { PublishedFiles } from "./published-files.ts";
import { clockStopped, Refused } from "./refused.ts";

/** Publishes CRLs. */
export class CRLPublisher {
  readonly history: CRLHistory;
  readonly #desk: Desk;
  readonly #maker: CRLMaker;
  readonly #folder: string;
  readonly #compression: CRLCompression;
  readonly #files: PublishedFiles;
  /** The last of each issuer's that was asked for: they are made one after the other. */
  readonly #underWay = new Map<number, Promise<unknown>>();
  #isStopping = false;

  /** `folder` is where CRL files are published. */
  constructor(desk: Desk, signing: Signing, folder: string) {
    this.#desk = desk;
    this.#folder = folder;
    this.#compression = new CRLCompression(desk, folder);
    this.#files = new PublishedFiles(folder);
    this.history = new CRLHistory(desk, folder);
    this.#maker = new CRLMaker(desk, signing, this.history, folder);
  }

  /**
   * Issues an issuer's CRLs now, the one that was asked for first. What fails its proof or the gate is not
   * published: the previous CRL stays, and the row says why. Asked for while some are being made, it gives
   * their successors.
   */
  issue(issuer: Issuer, order: IssueRequest): Promise<PublishedCRL[]> {
    const before = this.#underWay.get(issuer.number) ?? Promise.resolve();
    const made = before.catch(() => undefined).then(() => this.#make(issuer, order));
    this.#underWay.set(issuer.number, made);
    return made;
  }

  /** The newest CRLs of an issuer, as `crl list` has them. */
  list(issuer: Issuer): ListedCRL[] {
    return listCRLs(
      { store: this.#desk.store, history: this.history, folder: this.#folder },
      issuer,
    );
  }

  /** The CRL of a scope that is published now. */
  published(issuer: Issuer, scope: CRLScope): CRLRow | undefined {
    return this.history.published(issuer, scope);
  }

  /** Whether a published CRL of these scopes is gone from disk, or cut off; looks once a minute. */
  areFilesDamaged(issuer: Issuer, scopes: readonly CRLScope[]): Promise<boolean> {
    const rows = scopes.flatMap((scope) => this.published(issuer, scope) ?? []);
    return this.#files.areDamaged(issuer.number, rows, this.#desk.clock());
  }

  /** Does what a crash left undone of CRLs that were published; before any more are. */
  async mend(): Promise<void> {
    await removeUnfinished(this.#folder);
    await mendPublished(this.#desk, this.history, this.#folder, this.#compression);
  }

  /** Resolves when what was published has its compressed form, or cannot have one. */
  settled(): Promise<void> {
    return this.#compression.settled();
  }

  /** Before the store is closed: leaves undone what nobody waits for. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.#compression.stop();
  }

  /** The full CRL that is published now, as `list` has it; null where there is none. */
  current(issuer: Issuer): PublishedCRL | null {
    const row = this.published(issuer, "full");
    return row ? shownCRL(issuer, row, this.#folder) : null;
  }

  async #make(issuer: Issuer, order: IssueRequest): Promise<PublishedCRL[]> {
    const { crl } = issuer.config;
    if (!crl || !issuer.crlSigner) throw noCRL(issuer);
    if (!this.#desk.maySign()) throw clockStopped();
    this.#refuseAfterTheLast(issuer, order);
    const round = await startRound(this.#desk, this.history, issuer, crl, order);
    if (order.kinds === "delta") this.#refuseWithoutBase(round);
    const made: CRLRow[] = [];
    // Files first, then their rows: a crash between leaves files that nobody serves.
    for await (const { row, der } of this.#maker.make(round, issuer.crlSigner)) {
      if (der) await publishFile(join(this.#folder, row.file), der);
      made.push(row);
    }
    // Threads that were ended have signed nothing, which says nothing of the key.
    if (this.#isStopping) throw new Error("the authority stops");
    const rows = heldBack(made);
    await this.#record(round, rows);
    for (const row of rows) await this.#recorded(issuer, row);
    this.#compression.begin(issuer, rows);
    return rows.map((row) => shownCRL(issuer, row, this.#folder));
  }

  #refuseAfterTheLast(issuer: Issuer, { force, ends }: IssueRequest): void {
    if (force !== null) return;
    if (this.hasEnded(issuer)) throw ended(issuer);
    const { good } = this.#desk.census.counts(issuer.number, this.#desk.clock());
    if (ends === "last" && good > 0) throw stillGood(issuer, good);
  }

  /** Whether the CA's last CRL is out. */
  hasEnded(issuer: Issuer): boolean {
    return this.published(issuer, "full")?.nextUpdate === END_OF_TIME;
  }

  #refuseWithoutBase({ issuer, crl }: Round): void {
    if (crl.deltaSeconds === undefined) throw noDelta(issuer);
    if (!this.canIssueDelta(issuer)) throw noBase(issuer);
  }

  /** Whether there is a full CRL that a delta can be the difference to. */
  canIssueDelta(issuer: Issuer): boolean {
    if (this.history.isBehind(issuer, "full")) return false;
    return this.history.base(issuer, this.#desk.clock()) !== undefined;
  }

  /** All rows of a round at once: responders see its CRLs together. One refused again takes the earlier one's place. */
  #record({ issuer, order, crlNumber }: Round, rows: readonly CRLRow[]): Promise<void> {
    const { store } = this.#desk;
    return store.transact((transaction) => {
      for (const row of rows) {
        const refused = row.refused ? refusedSince(store, issuer.number, row.scope) : [];
        removeCRLRows(transaction, issuer.number, refused);
        writeCRLRow(transaction, issuer.number, row);
      }
      writeSetting(transaction, counterName(issuer), crlNumber.toString());
      if (rows.every(({ refused }) => refused !== null)) return;
      appendJournal(transaction, {
        action: "crl",
        by: order.by,
        at: rfc3339(this.#desk.clock()),
        issuer: issuer.name,
        crlNumber: crlNumber.toString(),
        scope: order.kinds,
        nextUpdate: order.ends === "last" ? rfc3339(END_OF_TIME) : undefined,
        force: order.force ?? undefined,
      });
      nextGeneration(transaction);
    });
  }

  async #recorded(issuer: Issuer, row: CRLRow): Promise<void> {
    const { scope, crlNumber, entries, bytes, refused } = row;
    const told = { issuer: issuer.name, scope, crlNumber };
    if (refused !== null) {
      metrics.proofFailures.inc({ issuer: issuer.name, fault: "crl" });
      this.#desk.log.error({ ...told, refused }, "CRL refused");
      return;
    }
    this.history.note(issuer, row);
    await this.#moveName(issuer, row);
    this.#desk.log.info({ ...told, entries, bytes }, "CRL published");
  }

  /** Lets the name of the newest lead to this CRL, and clears old ones away. */
  async #moveName(issuer: Issuer, row: CRLRow): Promise<void> {
    const { file, newest } = crlFileNames(issuer.name, row.scope, row.crlNumber);
    await publishAs(join(this.#folder, file), join(this.#folder, newest));
    const retention = crlRetention(this.#desk, issuer, row.scope);
    await removeOld(dirname(join(this.#folder, file)), retention);
  }
}

/**
 * A delta that passed its proof and takes back what the one before said shows that the store has lost it: so have the
 * complete CRLs of the same state, which the one before, having been made earlier, cannot tell.
 */
function heldBack(made: readonly CRLRow[]): readonly CRLRow[] {
  const delta = made.find(({ scope, refused }) => scope === "delta" && refused !== null);
  if (!delta || delta.bytes === 0) return made;
  const refused = `the delta of the same state was refused: ${delta.refused}`;
  return made.map((row) => (row.refused === null ? { ...row, refused } : row));
}

function noCRL({ name, config: { crl } }: Issuer): Refused {
  if (crl?.signer) {
    const problem = `the CRL signer of ${name} cannot be used`;
    return new Refused("noCRL", problem, "see why with: vouch check");
  }
  const remedy = "give it a crl section with a signer, then reload";
  if (!crl) return new Refused("noCRL", `${name} publishes no CRL`, remedy);
  const imported = `CRLs of ${name} are imported, and none is signed here (crl without signer)`;
  return new Refused("noCRL", imported, `bring its newest one: vouch import ${name} FILE`);
}

function noDelta({ name }: Issuer): Refused {
  const remedy = "leave --delta out, or set crl.delta and reload";
  return new Refused("noCRL", `${name} publishes no delta CRL`, remedy);
}

function noBase({ name }: Issuer): Refused {
  return new Refused(
    "noCRL",
    `${name} has no full CRL in force that a delta could be the difference to`,
    `issue a full one, and a delta with it: vouch crl issue ${name}`,
  );
}

function ended({ name }: Issuer): Refused {
  return new Refused(
    "noCRL",
    `the last CRL of ${name} has been issued, in force for ever`,
    `if the CA goes on after all: vouch crl issue ${name} --force "WHY"`,
  );
}

function stillGood({ name }: Issuer, good: number): Refused {
  return new Refused(
    "noCRL",
    `${good} certificates of ${name} are good and have not expired: its CRLs cannot end yet`,
    `revoke them first, or: vouch crl issue ${name} --final --force "WHY"`,
  );
}
