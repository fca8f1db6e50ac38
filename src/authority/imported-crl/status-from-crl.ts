import { END_OF_TIME, type UnixSeconds } from "../../der/time.ts";
import { decodeRecord, recordHasAnswer } from "../../ocsp/record.ts";
import { recordKey } from "../../store/keys.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import { type Draft, type MadeRecord, unsigned } from "../answer-maker.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import { isUntouched } from "../record-write.ts";
import type { CRLDifference } from "./crl-differences.ts";
import { crlVerdict } from "./crl-status-rule.ts";
import { type AppliedCRL, putStatuses, type StatusWrite } from "./status-write.ts";

/** What a CRL changed, or would. */
export interface CRLChanges {
  readonly added: number;
  readonly changed: number;
  /** Revocations that the CRL undoes, and that stay. */
  readonly lost: readonly string[];
}

interface Planned extends Omit<StatusWrite, "after"> {
  readonly difference: CRLDifference;
}

/** The sweep may have signed a record anew meanwhile; that it does so again and again cannot be. */
const MOST_TRIES = 10;
/** New records that are signed as they are written; of a CRL with more of them all are known before any is signed. */
const SIGNED_AT_ONCE = 2_000;

/** Makes the store say what a CRL says, for an issuer whose status comes from CRLs. */
export class StatusFromCRL {
  readonly #desk: Desk;
  readonly #issuer: Issuer;
  readonly #crl: AppliedCRL;
  #added = 0;
  #changed = 0;
  #signedNew = 0;
  readonly #lost: string[] = [];

  constructor(desk: Desk, issuer: Issuer, crl: AppliedCRL) {
    this.#desk = desk;
    // Until it is in force the CRL before is, and a crash may leave it so: answers end with whichever ends first.
    const ends = crl.statusEnds ?? END_OF_TIME;
    this.#issuer = { ...issuer, statusEnds: () => Math.min(issuer.statusEnds(), ends) };
    this.#crl = crl;
  }

  get changes(): CRLChanges {
    return { added: this.#added, changed: this.#changed, lost: this.#lost };
  }

  /** Counts what a batch would change. */
  count(differences: readonly CRLDifference[]): void {
    this.#tell(this.#plan(differences));
  }

  /** Writes a batch: it is durable when this resolves, and the same batch again changes nothing. */
  async apply(differences: readonly CRLDifference[]): Promise<void> {
    let left = this.#plan(differences);
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MOST_TRIES) throw new Error("the records keep changing under an imported CRL");
      const written = new Set(await this.#write(left));
      this.#tell(left.filter(({ key }) => written.has(key)));
      const again = left.filter(({ key }) => !written.has(key));
      left = this.#plan(again.map(({ difference }) => difference));
    }
  }

  #plan(differences: readonly CRLDifference[]): Planned[] {
    const { store } = this.#desk;
    const now = this.#desk.clock();
    store.refresh();
    const planned: Planned[] = [];
    for (const difference of differences) {
      const { serialNumber } = difference;
      const key = recordKey(this.#issuer.number, serialNumber);
      const before = store.get("records", key);
      const draft = this.#draft(difference, before, now);
      if (draft !== "kept") planned.push({ difference, serialNumber, key, before, draft });
    }
    return planned;
  }

  #draft(
    difference: CRLDifference,
    before: Buffer | undefined,
    now: UnixSeconds,
  ): Draft | undefined | "kept" {
    const { serialNumber } = difference;
    const record = before && decodeRecord(before);
    const status = crlVerdict(difference, record, this.#crl.thisUpdate);
    if (status === "lost") this.#lost.push(serialNumberText(serialNumber));
    if (status === "lost" || status === "kept") return "kept";
    if (status === "forgotten") return undefined;
    // Of a certificate that was known the change is news now, whatever its date.
    const changedAt = record ? now : Math.min(now, status.revocationDate);
    return { serialNumber, status, changedAt, lastThisUpdate: record?.thisUpdate ?? 0 };
  }

  #tell(planned: readonly Planned[]): void {
    const added = planned.filter(({ before }) => !before).length;
    this.#added += added;
    this.#changed += planned.length - added;
  }

  /** Writes what is still as it was planned; returns the keys of that. */
  async #write(planned: readonly Planned[]): Promise<Buffer[]> {
    const writes = await this.#made(planned);
    const fresh = await this.#desk.store.transact((transaction) => {
      const untouched = writes.filter((write) => isUntouched(transaction, write));
      putStatuses(transaction, this.#issuer, untouched, this.#crl, this.#desk.clock());
      return untouched;
    });
    this.#desk.store.refresh();
    for (const write of fresh) this.#note(write);
    return fresh.map(({ key }) => key);
  }

  /** What had an answer gets another with its new status; of new records only so many are waited for. */
  async #made(planned: readonly Planned[]): Promise<StatusWrite[]> {
    const signed = planned.filter((one) => one.draft && this.#isSigned(one));
    const drafts = signed.flatMap(({ draft }) => draft ?? []);
    const made = await this.#desk.maker.make(this.#issuer, drafts, "bulk");
    const byKey = new Map(signed.map(({ key }, i) => [key, (made[i] as MadeRecord).octets]));
    return planned.map((one) => {
      const after = byKey.get(one.key) ?? (one.draft && unsigned(one.draft).octets);
      return { ...one, after };
    });
  }

  #isSigned({ before }: Planned): boolean {
    if (before) return recordHasAnswer(before);
    this.#signedNew++;
    return this.#signedNew <= SIGNED_AT_ONCE;
  }

  /** What is left unsigned on purpose is for the renewal that follows, not for the list of failures. */
  #note({ key, before, after }: StatusWrite): void {
    const { census, unanswered } = this.#desk;
    census.replaced(key, before, after);
    const hasFailed = before && after && recordHasAnswer(before) && !recordHasAnswer(after);
    if (hasFailed) unanswered.add(key);
    else unanswered.delete(key);
  }
}
