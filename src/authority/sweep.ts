import { metrics } from "../observe/metrics.ts";
import type { Desk } from "./desk.ts";
import { IssuerSweep } from "./issuer-sweep.ts";

/** A reload may bring another issuer: so soon its sweep begins. */
const LOOK_MS = 1_000;

/** The sweeps of all issuers side by side: none waits for another's signer. */
export class Sweep {
  readonly #desk: Desk;
  readonly #stopping = new AbortController();
  /** By the issuer's number. */
  readonly #sweeps = new Map<number, { sweep: IssuerSweep; running: Promise<void> }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Ends after the batches that are under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all([...this.#sweeps.values()].map(({ running }) => running));
  }

  /** How far through the issuers' records the sweeps are, 0 to 1. */
  get position(): number {
    let seen = 0;
    let records = 0;
    for (const { sweep } of this.#sweeps.values()) {
      seen += sweep.seen;
      records += sweep.records;
    }
    return records === 0 ? 0 : Math.min(1, seen / records);
  }

  #look(): void {
    for (const { number } of this.#desk.issuers()) {
      if (!this.#sweeps.has(number)) this.#begin(number);
    }
    metrics.sweepPosition.set(this.position);
  }

  #begin(number: number): void {
    const sweep = new IssuerSweep(this.#desk, number, this.#stopping.signal);
    const running = sweep.run().finally(() => this.#sweeps.delete(number));
    this.#sweeps.set(number, { sweep, running });
  }
}
