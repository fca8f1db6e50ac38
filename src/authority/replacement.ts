import { setTimeout as sleep } from "node:timers/promises";
import { recordHasAnswer, recordSigner } from "../ocsp/record.ts";
import { issuerRange, keyAfter } from "../store/keys.ts";
import type { Row } from "../store/store.ts";
import { noteReplaced } from "../store/withdrawn.ts";
import { batchRecords } from "./batch-records.ts";
import type { Desk } from "./desk.ts";
import { activeSigner, type Issuer } from "./issuer.ts";
import type { RecordWrite } from "./record-write.ts";
import { signedAnew, writeAnew } from "./signed-anew.ts";

/** How soon it is looked again whether somebody can sign. */
const PAUSE_MS = 1_000;

/**
 * Signs anew, at full speed, what an issuer's withdrawn signers had signed: one walk over its records after the
 * other, until one finds nothing, since a task that was under way may have brought some in meanwhile.
 */
export class Replacement {
  readonly #desk: Desk;
  readonly #name: string;
  readonly #signal: AbortSignal;
  readonly #givenUp = new AbortController();
  /** Records that the walk under way has seen. */
  walked = 0;
  /** Records that were signed anew. */
  replaced = 0;
  isDone = false;
  /** Until it has ended, done or not. */
  isUnderWay = true;

  /** It stops early when the signal says so; what is left is left to the next start. */
  constructor(desk: Desk, issuerName: string, signal: AbortSignal) {
    this.#desk = desk;
    this.#name = issuerName;
    this.#signal = AbortSignal.any([signal, this.#givenUp.signal]);
  }

  /** Leaves it to another that has begun. */
  giveUp(): void {
    this.#givenUp.abort();
  }

  /** `number` is the issuer's. */
  async run(number: number): Promise<void> {
    for (let left = true; left && !this.#signal.aborted; ) {
      const signedBefore = this.replaced;
      left = !this.#canSign() || (await this.#walk()) > 0;
      if (left && this.replaced === signedBefore) await this.#pause();
    }
    if (this.#signal.aborted) return;
    await this.#desk.store.transact((transaction) => noteReplaced(transaction, number));
    this.isDone = true;
    const done = { issuer: this.#name, replaced: this.replaced };
    this.#desk.log.info(done, "the answers of withdrawn signers are replaced");
  }

  #pause(): Promise<void> {
    return sleep(PAUSE_MS, undefined, { signal: this.#signal }).catch(() => undefined);
  }

  /** As it is now: a reload may bring another signer, or take the issuer out. */
  #issuer(): Issuer | undefined {
    return this.#desk.issuers().find(({ name }) => name === this.#name);
  }

  #canSign(): boolean {
    const issuer = this.#issuer();
    // Of one that was taken out nothing is left to replace: the walk ends at once.
    if (!issuer) return true;
    return activeSigner(issuer, this.#desk.clock()) !== undefined && this.#desk.maySign();
  }

  /** Over all records once; how many answers of withdrawn signers it met. */
  async #walk(): Promise<number> {
    const { underWay } = this.#desk;
    let met = 0;
    let writing: Promise<void> = Promise.resolve();
    this.walked = 0;
    for (let rows = this.#rows(); rows.length > 0 && !this.#signal.aborted; ) {
      const issuer = this.#issuer();
      const due = issuer ? rows.filter(({ value }) => isWithdrawn(issuer, value)) : [];
      const keys = due.map(({ key }) => key);
      if (issuer) underWay.begin(issuer, keys);
      const writes = issuer && due.length > 0 ? await signedAnew(this.#desk, issuer, due) : [];
      await writing;
      writing = this.#write(writes).finally(() => underWay.end(keys));
      met += due.length;
      this.walked += rows.length;
      rows = this.#rows(rows.at(-1)?.key);
    }
    await writing;
    return met;
  }

  #rows(after?: Buffer): Row[] {
    const issuer = this.#issuer();
    if (!issuer) return [];
    this.#desk.store.refresh();
    const { start, end } = issuerRange(issuer.number);
    const from = after ? keyAfter(after) : start;
    const limit = batchRecords(this.#desk, issuer);
    return this.#desk.store.rows("records", { start: from, end, limit });
  }

  async #write(writes: readonly RecordWrite[]): Promise<void> {
    if (writes.length === 0) return;
    await writeAnew(this.#desk, writes);
    this.replaced += writes.length;
  }
}

/** Whether a record has answers that are not served, since their signer was withdrawn. */
export function isWithdrawn({ servedSigners }: Issuer, record: Buffer): boolean {
  return recordHasAnswer(record) && !servedSigners.has(recordSigner(record));
}
