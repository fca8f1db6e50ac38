import { setImmediate as nextTurn } from "node:timers/promises";
import { errorText } from "../../observe/logger.ts";
import { issuerRange, keyAfter } from "../../store/keys.ts";
import type { Row } from "../../store/store.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import { signedAnew, writeAnew } from "../signed-anew.ts";
import { passSeconds, wantsRenewal } from "../sweep-rule.ts";

const BATCH_RECORDS = 1_000;

/**
 * Signs what a new CRL lets live longer, what would outlive it, and what has no answer yet, at once and beside
 * other work: until the sweep comes by, answers that end with the CRL before might have ended, and those that end
 * after the new one are not served.
 */
export class Renewal {
  readonly #desk: Desk;
  readonly #underWay = new Map<number, "once" | "again">();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Begins with this issuer, or once more when it is under way. */
  start(issuer: number): void {
    const isUnderWay = this.#underWay.has(issuer);
    this.#underWay.set(issuer, isUnderWay ? "again" : "once");
    if (isUnderWay) return;
    const running = this.#run(issuer).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends after the batch that is under way; the sweep does the rest. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  async #run(number: number): Promise<void> {
    for (let state = this.#underWay.get(number); state; state = this.#underWay.get(number)) {
      this.#underWay.set(number, "once");
      await this.#walk(number).catch((error: unknown) => {
        this.#desk.log.error({ reason: errorText(error) }, "renewal failed; the sweep goes on");
      });
      if (this.#underWay.get(number) === "once") this.#underWay.delete(number);
    }
  }

  async #walk(number: number): Promise<void> {
    const range = issuerRange(number);
    for (let start: Buffer | undefined = range.start; start && !this.#isStopped; ) {
      const issuer = this.#desk.issuers().find((one) => one.number === number);
      if (!issuer) return;
      this.#desk.store.refresh();
      const rows = this.#desk.store.rows("records", {
        start,
        end: range.end,
        limit: BATCH_RECORDS,
      });
      await this.#renew(issuer, rows);
      const last: Row | undefined = rows.at(-1);
      start = last && rows.length === BATCH_RECORDS ? keyAfter(last.key) : undefined;
      await nextTurn();
    }
  }

  async #renew(issuer: Issuer, rows: readonly Row[]): Promise<void> {
    const now = this.#desk.clock();
    if (issuer.statusEnds() <= now || !this.#desk.maySign()) return;
    const pass = passSeconds(issuer);
    const due = rows.filter(({ value }) => wantsRenewal(issuer, value, now, pass));
    if (due.length === 0) return;
    await writeAnew(this.#desk, await signedAnew(this.#desk, issuer, due));
  }
}
