import { errorText, type Logger } from "../observe/logger.ts";
import type { AnswerResult, CRLResult, KeyRef, LiveResult, Probed } from "../signing/jobs.ts";
import type { SigningPool } from "../signing/pool.ts";

/** What is known of a key: whether it can sign now, and how fast. */
export interface KeyState {
  /** Why it cannot sign now, in words for the operator; null where it can. */
  readonly fault: string | null;
  /** Signatures a second of one signing thread; null before the first. */
  readonly rate: number | null;
  /** Whether it was withdrawn: then it never signs again. */
  readonly isWithdrawn: boolean;
}

interface Watched {
  isWithdrawn: boolean;
  fault: string | null;
  rate: number | null;
  /** How often it was found to sign again. */
  returns: number;
  /** Set while it is to be tried again. */
  retry: NodeJS.Timeout | undefined;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** How much of a new measurement goes into the rate. */
const WEIGHT = 0.2;

/**
 * Signing that knows of each key whether it can sign. One that failed is not asked again, so that nobody waits
 * for it; it is tried beside the work, ever more rarely, until it signs.
 */
export class KeyWatch implements SigningPool {
  readonly #signing: SigningPool;
  readonly #log: Logger;
  readonly #keys = new Map<string, Watched>();
  #isStopped = false;

  constructor(signing: SigningPool, log: Logger) {
    this.#signing = signing;
    this.#log = log;
  }

  /** What is known of a key; it stays up to date. One that nobody has tried is taken to sign. */
  stateOf(key: KeyRef): KeyState {
    return this.#of(key);
  }

  async answers(...[job, priority]: Parameters<SigningPool["answers"]>): Promise<AnswerResult> {
    const result = await this.#through(job, () => this.#signing.answers(job, priority));
    if (result.rate !== null) this.#measured(job, result.rate);
    return result;
  }

  live(job: Parameters<SigningPool["live"]>[0]): Promise<LiveResult> {
    return this.#through(job, () => this.#signing.live(job));
  }

  crl(job: Parameters<SigningPool["crl"]>[0]): Promise<CRLResult> {
    return this.#through(job, () => this.#signing.crl(job));
  }

  /** Tries a key now, whatever is known of it. */
  async probe(key: KeyRef): Promise<Probed> {
    const { isWithdrawn, fault } = this.#of(key);
    if (isWithdrawn) return { state: "away", fault: fault ?? "" };
    const probed = await this.#signing
      .probe(key)
      .catch((error: unknown): Probed => ({ state: "away", fault: errorText(error) }));
    if (probed.state !== "signs") this.#failed(key, probed.fault);
    else this.#signs(key, probed.rate);
    return probed;
  }

  /** Never lets a key sign again, for as long as this process runs. */
  withdraw(key: KeyRef): void {
    const watched = this.#of(key);
    watched.isWithdrawn = true;
    watched.fault = "it was withdrawn (vouch signer withdraw)";
  }

  /** Keeps watch over these keys alone. */
  keep(keys: readonly KeyRef[]): void {
    const names = new Set(keys.map(nameOf));
    for (const name of this.#keys.keys()) if (!names.has(name)) this.#keys.delete(name);
  }

  /** No key is tried any more, and the threads end. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#signing.close();
  }

  async #through<T>(key: KeyRef, work: () => Promise<T>): Promise<T> {
    const { fault, returns } = this.#of(key);
    if (fault !== null) throw new Error(fault);
    try {
      return await work();
    } catch (error) {
      // What began before the key came back says nothing of it now.
      if (this.#of(key).returns === returns) this.#failed(key, errorText(error));
      throw error;
    }
  }

  #of(key: KeyRef): Watched {
    const name = nameOf(key);
    const known = this.#keys.get(name);
    if (known) return known;
    const made = { fault: null, rate: null, returns: 0, isWithdrawn: false, retry: undefined };
    this.#keys.set(name, made);
    return made;
  }

  #signs(key: KeyRef, rate: number): void {
    const watched = this.#of(key);
    if (watched.isWithdrawn) return;
    if (watched.fault !== null) {
      this.#log.info({ key: key.keyFile }, "a key signs again");
      watched.returns++;
    }
    watched.fault = null;
    watched.rate ??= rate;
  }

  #measured(key: KeyRef, rate: number): void {
    const watched = this.#of(key);
    watched.rate = watched.rate === null ? rate : watched.rate + WEIGHT * (rate - watched.rate);
  }

  #failed(key: KeyRef, fault: string): void {
    const watched = this.#of(key);
    // A thread that was ended says nothing of the key.
    if (watched.isWithdrawn || this.#isStopped) return;
    if (watched.fault === null) this.#log.error({ key: key.keyFile, reason: fault }, "a key fails");
    watched.fault = fault;
    if (!watched.retry) this.#tryLater(key, watched, FIRST_PAUSE_MS);
  }

  #tryLater(key: KeyRef, watched: Watched, pause: number): void {
    watched.retry = setTimeout(() => void this.#tryAgain(key, watched, pause), pause).unref();
  }

  async #tryAgain(key: KeyRef, watched: Watched, pause: number): Promise<void> {
    if (this.#isAmiss(key, watched)) await this.probe(key);
    watched.retry = undefined;
    const next = Math.min(2 * pause, LONGEST_PAUSE_MS);
    if (this.#isAmiss(key, watched)) this.#tryLater(key, watched, next);
  }

  #isAmiss(key: KeyRef, watched: Watched): boolean {
    const isKept = this.#keys.get(nameOf(key)) === watched;
    return watched.fault !== null && !watched.isWithdrawn && isKept && !this.#isStopped;
  }
}

function nameOf({ keyFile, certificate }: KeyRef): string {
  return `${keyFile} ${Buffer.from(certificate).toString("base64")}`;
}
