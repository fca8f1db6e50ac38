import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../observe/logger.ts";
import { metrics } from "../observe/metrics.ts";
import { ALL_ISSUERS, issuerOfKey, keyAfter } from "../store/keys.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import type { Row } from "../store/store.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import type { RecordWrite } from "./record-write.ts";
import { signedAnew, writeAnew } from "./signed-anew.ts";
import { isDue, passSeconds } from "./sweep-rule.ts";

const BATCH_RECORDS = 1_000;
/** A small store is passed more often than it must: what is wrong shows sooner. */
const LONGEST_PAUSE_MS = 10_000;
const RETRY_MS = 2_000;
const POSITION = "sweepPosition";

/**
 * The rolling sweep: walks over all records in key order, at a pace that passes each well within half of
 * its answers' life, and signs anew what is due. It goes on where it was after a restart. Beside it, what
 * has no answer because signing failed is tried again every few seconds.
 */
export class Sweep {
  readonly #desk: Desk;
  readonly #stopping = new AbortController();
  #position: Buffer;
  /** Records that this pass has seen. */
  #seen = 0;
  #running: Promise<unknown> | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    const position = readSetting<string>(desk.store, POSITION);
    this.#position = position ? Buffer.from(position, "hex") : ALL_ISSUERS.start;
  }

  start(): void {
    this.#running = Promise.all([
      this.#repeat(() => this.#pass(), "sweep"),
      this.#repeat(() => this.#retry(), "retry"),
    ]);
  }

  /** Ends after the batch that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** How far through the store the sweep is, 0 to 1. */
  get position(): number {
    const { records } = this.#desk.census;
    return records === 0 ? 0 : Math.min(1, this.#seen / records);
  }

  async #repeat(step: () => Promise<number>, name: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let pause = LONGEST_PAUSE_MS;
      try {
        pause = this.#desk.maySign() ? await step() : RETRY_MS;
      } catch (error) {
        this.#desk.log.error({ reason: errorText(error) }, `${name} failed, going on`);
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One batch; returns the milliseconds until the next. */
  async #pass(): Promise<number> {
    const { store, issuers, census } = this.#desk;
    const began = Date.now();
    store.refresh();
    const rows = store.rows("records", {
      start: this.#position,
      end: ALL_ISSUERS.end,
      limit: BATCH_RECORDS,
    });
    const pass = passSeconds(issuers());
    await this.#sign(rows, (issuer, { key, value }) =>
      isDue(issuer, key, value, this.#desk.clock(), pass),
    );
    this.#advance(rows);
    const batches = Math.max(1, Math.ceil(census.records / BATCH_RECORDS));
    const share = Math.min(LONGEST_PAUSE_MS, (pass * 1000) / batches);
    return Math.max(0, share - (Date.now() - began));
  }

  #advance(rows: readonly Row[]): void {
    const last = rows.at(-1);
    // A pass that has just ended shows as whole until the next one begins.
    const begins = this.#position.equals(ALL_ISSUERS.start);
    this.#seen = (begins ? 0 : this.#seen) + rows.length;
    const ended = !last || rows.length < BATCH_RECORDS;
    this.#position = ended ? ALL_ISSUERS.start : keyAfter(last.key);
    metrics.sweepPosition.set(this.position);
  }

  async #retry(): Promise<number> {
    const { store, unanswered } = this.#desk;
    store.refresh();
    const tried = [...unanswered].slice(0, BATCH_RECORDS);
    // To the end of the line: what cannot be signed keeps nobody else from their turn.
    for (const hex of tried) {
      unanswered.delete(hex);
      unanswered.add(hex);
    }
    const rows = tried.flatMap((hex) => {
      const key = Buffer.from(hex, "hex");
      const value = store.get("records", key);
      return value ? [{ key, value }] : [];
    });
    await this.#sign(rows, () => true);
    return RETRY_MS;
  }

  async #sign(rows: readonly Row[], wanted: (issuer: Issuer, row: Row) => boolean): Promise<void> {
    const writes: RecordWrite[] = [];
    for (const issuer of this.#desk.issuers()) {
      const due = rows.filter(
        (row) => issuerOfKey(row.key) === issuer.number && wanted(issuer, row),
      );
      if (due.length > 0) writes.push(...(await signedAnew(this.#desk, issuer, due)));
    }
    if (writes.length > 0) await this.#write(writes);
  }

  async #write(writes: readonly RecordWrite[]): Promise<void> {
    const position = this.#position.toString("hex");
    await writeAnew(this.#desk, writes, (transaction) =>
      writeSetting(transaction, POSITION, position),
    );
  }
}
