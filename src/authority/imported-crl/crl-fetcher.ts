import { rm } from "node:fs/promises";
import type { UnixSeconds } from "../../der/time.ts";
import { errorText } from "../../observe/logger.ts";
import { metrics } from "../../observe/metrics.ts";
import { type HeldState, readHeldCRLs } from "../../store/held-crls.ts";
import { readSetting, writeSetting } from "../../store/settings.ts";
import type { Desk } from "../desk.ts";
import type { Issuer } from "../issuer.ts";
import type { CRLImporter } from "./crl-importer.ts";
import { fetchCRL, type Validators } from "./fetch-crl.ts";

const LOOK_EVERY_MS = 1_000;
const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3_600;
/** While the CRL in force is about to end, or has: then a new one is looked for this often. */
const NEAR_END_SECONDS = 300;
/** The part of a CRL's life that is its end. */
const END_PART = 10;

/** When an issuer's CRL is fetched next, and how often in a row that failed. */
interface Plan {
  readonly at: UnixSeconds;
  readonly failures: number;
}

/**
 * Fetches the CRL of each issuer that has a `crl.url` and no `crl.signer`: every `crl.every`, at a start, and more
 * often when the CRL in force is about to end. After a failure with growing pauses; one issuer's delays no other.
 */
export class CRLFetcher {
  readonly #desk: Desk;
  readonly #importer: CRLImporter;
  readonly #plans = new Map<number, Plan>();
  readonly #underWay = new Set<number>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(desk: Desk, importer: CRLImporter) {
    this.#desk = desk;
    this.#importer = importer;
  }

  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopping.abort(new Error("the authority stops"));
  }

  /** Fetches what is due now; resolves when that is done. */
  async look(): Promise<void> {
    await Promise.all(this.#desk.issuers().map((issuer) => this.#attend(issuer)));
  }

  async #attend(issuer: Issuer): Promise<void> {
    const { number, config } = issuer;
    if (config.crl?.url === undefined || config.crl.signer || this.#underWay.has(number)) return;
    if (this.#desk.clock() < (this.#plans.get(number)?.at ?? 0)) return;
    await this.#fetch(issuer, config.crl.url, config.crl.everySeconds);
  }

  async #fetch(issuer: Issuer, url: string, every: number): Promise<void> {
    const { number } = issuer;
    this.#underWay.add(number);
    try {
      await this.#bring(issuer, url);
      const held = readHeldCRLs(this.#desk.store, number);
      this.#plans.set(number, { at: nextFetch(this.#desk.clock(), every, held), failures: 0 });
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failed(issuer, url, every, error);
    } finally {
      this.#underWay.delete(number);
    }
  }

  #failed({ number, name: issuer }: Issuer, url: string, every: number, error: unknown): void {
    const failures = this.#plans.get(number)?.failures ?? 0;
    const pause = Math.min(FIRST_RETRY_SECONDS * 2 ** failures, LONGEST_RETRY_SECONDS, every);
    this.#plans.set(number, { at: this.#desk.clock() + pause, failures: failures + 1 });
    metrics.crlImports.inc({ issuer, result: "failed" });
    const again = `no CRL fetched, trying again in ${pause} s`;
    this.#desk.log.error({ issuer, url, reason: errorText(error) }, again);
  }

  async #bring(issuer: Issuer, url: string): Promise<void> {
    const setting = `crlFetched ${issuer.number}`;
    const file = await this.#importer.workFile();
    try {
      // What is not there any more has to come whole.
      const isKept = await this.#importer.isHandedOn(issuer);
      const known = isKept ? readSetting<Validators>(this.#desk.store, setting) : undefined;
      const stopping = this.#stopping.signal;
      const fetched = await fetchCRL({ url, file, known, stopping });
      if (fetched === "unchanged") {
        await this.#importer.unchanged(issuer);
        return;
      }
      const request = { file, name: url, by: "crl.url", dryRun: false };
      const { bad } = await this.#importer.import(issuer, request);
      // What is refused is asked for again, as if it had never been there: it may be right by then.
      if (bad.length > 0) throw new Error(bad.map(({ message }) => message).join("; "));
      await this.#desk.store.transact((transaction) => writeSetting(transaction, setting, fetched));
    } finally {
      await rm(file, { force: true });
    }
  }
}

/** After `every`, but in the last part of the life of the CRL in force soon. */
function nextFetch(now: UnixSeconds, every: number, held: HeldState | undefined): UnixSeconds {
  if (!held) return now + Math.min(every, NEAR_END_SECONDS);
  const { thisUpdate, nextUpdate } = held.full;
  const end = nextUpdate - (nextUpdate - thisUpdate) / END_PART;
  return now >= end ? now + Math.min(every, NEAR_END_SECONDS) : Math.min(now + every, end);
}
