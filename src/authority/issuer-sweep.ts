import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../observe/logger.ts";
import { issuerRange, keyAfter } from "../store/keys.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import type { Row } from "../store/store.ts";
import { batchRecords } from "./batch-records.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import type { RecordWrite } from "./record-write.ts";
import { isWithdrawn } from "./replacement.ts";
import { signedAnew, writeAnew } from "./signed-anew.ts";
import { isDue, passSeconds } from "./sweep-rule.ts";

/** A small store is passed more often than it must: what is wrong shows sooner. */
const LONGEST_PAUSE_MS = 10_000;
const RETRY_MS = 2_000;

/**
 * The rolling sweep of one issuer: walks over its records in key order, at a pace that passes each well within
 * half of its answers' life, and signs anew what is due. It goes on where it was after a restart. Beside it, what
 * has no answer because signing failed is tried again every few seconds.
 */
export class IssuerSweep {
  readonly #desk: Desk;
  readonly #number: number;
  readonly #stopping: AbortSignal;
  #position: Buffer;
  /** Records that this pass has seen. */
  seen = 0;

  constructor(desk: Desk, number: number, stopping: AbortSignal) {
    this.#desk = desk;
    this.#number = number;
    this.#stopping = stopping;
    const position = readSetting<string>(desk.store, this.#setting);
    this.#position = position ? Buffer.from(position, "hex") : issuerRange(number).start;
  }

  /** Runs until it is to stop, or the issuer is no longer configured. */
  async run(): Promise<void> {
    await Promise.all([
      this.#repeat((issuer) => this.#pass(issuer), "sweep"),
      this.#repeat((issuer) => this.#retry(issuer), "retry"),
    ]);
  }

  get records(): number {
    return this.#desk.census.issuer(this.#number).records;
  }

  get #setting(): string {
    return `sweepPosition ${this.#number}`;
  }

  async #repeat(step: (issuer: Issuer) => Promise<number>, name: string): Promise<void> {
    const signal = this.#stopping;
    for (let issuer = this.#issuer(); issuer && !signal.aborted; issuer = this.#issuer()) {
      let pause = LONGEST_PAUSE_MS;
      try {
        pause = this.#desk.maySign() ? await step(issuer) : RETRY_MS;
      } catch (error) {
        const reason = errorText(error);
        this.#desk.log.error({ issuer: issuer.name, reason }, `${name} failed, going on`);
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** As it is now: a reload may change it, or take it out. */
  #issuer(): Issuer | undefined {
    return this.#desk.issuers().find(({ number }) => number === this.#number);
  }

  /** One batch; returns the milliseconds until the next. */
  async #pass(issuer: Issuer): Promise<number> {
    const { store, clock, replacing } = this.#desk;
    const began = performance.now();
    const limit = batchRecords(this.#desk, issuer);
    const { end } = issuerRange(this.#number);
    store.refresh();
    const rows = store.rows("records", { start: this.#position, end, limit });
    const pass = passSeconds(issuer);
    const isAnothers = ({ value }: Row): boolean =>
      replacing.has(this.#number) && isWithdrawn(issuer, value);
    const isWanted = (row: Row): boolean =>
      !isAnothers(row) && isDue(issuer, row.key, row.value, clock(), pass);
    await this.#sign(issuer, rows.filter(isWanted));
    this.#advance(rows, limit);
    const batches = Math.max(1, Math.ceil(this.records / limit));
    const share = Math.min(LONGEST_PAUSE_MS, (pass * 1000) / batches);
    return Math.max(0, share - (performance.now() - began));
  }

  #advance(rows: readonly Row[], limit: number): void {
    const { start } = issuerRange(this.#number);
    const last = rows.at(-1);
    // A pass that has just ended shows as whole until the next one begins.
    const begins = this.#position.equals(start);
    this.seen = (begins ? 0 : this.seen) + rows.length;
    const ended = !last || rows.length < limit;
    this.#position = ended ? start : keyAfter(last.key);
  }

  async #retry(issuer: Issuer): Promise<number> {
    const { store, unanswered } = this.#desk;
    store.refresh();
    const tried = unanswered.next(this.#number, batchRecords(this.#desk, issuer));
    const rows = tried.flatMap((key) => {
      const value = store.get("records", key);
      return value ? [{ key, value }] : [];
    });
    await this.#sign(issuer, rows);
    return RETRY_MS;
  }

  async #sign(issuer: Issuer, due: readonly Row[]): Promise<void> {
    if (due.length === 0) return;
    const { underWay } = this.#desk;
    const keys = due.map(({ key }) => key);
    underWay.begin(issuer, keys);
    try {
      await this.#write(await signedAnew(this.#desk, issuer, due));
    } finally {
      underWay.end(keys);
    }
  }

  async #write(writes: readonly RecordWrite[]): Promise<void> {
    if (writes.length === 0) return;
    const position = this.#position.toString("hex");
    await writeAnew(this.#desk, writes, (transaction) =>
      writeSetting(transaction, this.#setting, position),
    );
  }
}
