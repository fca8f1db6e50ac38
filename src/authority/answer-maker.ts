import { setTimeout as sleep } from "node:timers/promises";
import type { UnixSeconds } from "../der/time.ts";
import type { Logger } from "../observe/logger.ts";
import { errorText } from "../observe/logger.ts";
import { metrics } from "../observe/metrics.ts";
import { answerTimes } from "../ocsp/answer-times.ts";
import { type CertStatus, encodeRecordHead } from "../ocsp/record.ts";
import type { Signing } from "../signing/jobs.ts";
import { packPairs, unpackPairs } from "../signing/packing.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import type { Clock } from "./clock.ts";
import { activeSigner, answersEndBefore, type Issuer, type IssuerSigner } from "./issuer.ts";
import type { LiveFloor } from "./live/live-floor.ts";

/** A certificate whose answers are to be signed. */
export interface Draft {
  readonly serialNumber: SerialNumber;
  readonly status: CertStatus;
  /** When the status came about, where that is news. */
  readonly changedAt: UnixSeconds | undefined;
  /** thisUpdate of its last answer, 0 for none. */
  readonly lastThisUpdate: UnixSeconds;
}

/** A draft's record, ready to be written. */
export interface MadeRecord {
  readonly octets: Buffer;
  /** Whether it has its answers; else it only records the status and binds later times. */
  readonly signed: boolean;
}

/** Longer than this is not worth waiting for: the sweep will sign. */
const LONGEST_WAIT_SECONDS = 2;
/** How long a task may take: it ends soon, and handing it over costs nothing that matters. */
const TASK_SECONDS = 0.25;
const LEAST_PER_TASK = 8;
const MOST_PER_TASK = 512;

/** Makes records with proved answers: times by the rules, signatures by the pool. */
export class AnswerMaker {
  readonly #signing: Signing;
  readonly #clock: Clock;
  readonly #maySign: () => boolean;
  readonly #floor: Pick<LiveFloor, "of">;
  readonly #log: Logger;
  /** Names of issuers that have no signer now. */
  readonly #lacking = new Set<string>();

  constructor(parts: {
    readonly signing: Signing;
    readonly clock: Clock;
    readonly maySign: () => boolean;
    readonly floor: Pick<LiveFloor, "of">;
    readonly log: Logger;
  }) {
    this.#signing = parts.signing;
    this.#clock = parts.clock;
    this.#maySign = parts.maySign;
    this.#floor = parts.floor;
    this.#log = parts.log;
  }

  /**
   * Records for the drafts, in their order. Where signing or proof fails the record comes back unsigned,
   * with the failure counted and logged: a status is never lost because a key is away. So does every record
   * while the clock cannot be relied on. A key that fails, or is withdrawn meanwhile, is left, and the next signer tried.
   */
  async make(
    issuer: Issuer,
    asked: readonly Draft[],
    priority: "urgent" | "bulk",
  ): Promise<MadeRecord[]> {
    const drafts = this.#afterLive(issuer, asked);
    await this.#waitForClock(issuer, drafts);
    if (!this.#maySign()) return drafts.map(unsigned);
    const now = this.#clock();
    const signer = activeSigner(issuer, now);
    this.#tellOfSigner(issuer, signer);
    if (!signer) return drafts.map(unsigned);
    const size = recordsPerTask(issuer, signer);
    const tasks: Promise<MadeRecord[]>[] = [];
    for (let at = 0; at < drafts.length; at += size) {
      tasks.push(this.#task(issuer, signer, drafts.slice(at, at + size), now, priority));
    }
    const signed = (await Promise.all(tasks)).flat();
    const made = signer.key.isWithdrawn ? drafts.map(unsigned) : signed;
    const hasFailed = signer.key.fault !== null && !made.every((one) => one.signed);
    return hasFailed && activeSigner(issuer, now) ? this.make(issuer, drafts, priority) : made;
  }

  /** Once each way: what cannot be signed is tried again every few seconds. */
  #tellOfSigner({ name }: Issuer, signer: IssuerSigner | undefined): void {
    if (signer) {
      if (this.#lacking.delete(name)) this.#log.info({ issuer: name }, "there is an OCSP signer");
    } else if (!this.#lacking.has(name)) {
      this.#lacking.add(name);
      this.#log.error({ issuer: name }, "no valid OCSP signer: nothing is signed");
    }
  }

  /** None may have an earlier thisUpdate than a live answer that went out before. */
  #afterLive(issuer: Issuer, drafts: readonly Draft[]): readonly Draft[] {
    const lastThisUpdate = this.#floor.of(issuer.number) - 1;
    const isEarlier = (draft: Draft): boolean => draft.lastThisUpdate < lastThisUpdate;
    return drafts.map((draft) => (isEarlier(draft) ? { ...draft, lastThisUpdate } : draft));
  }

  /** Where a fresh status leaves no thisUpdate yet, a moment's wait gives one. */
  async #waitForClock(issuer: Issuer, drafts: readonly Draft[]): Promise<void> {
    const { backdateSeconds } = issuer.config.ocsp;
    const now = this.#clock();
    const waits = drafts
      .map(({ changedAt, lastThisUpdate }) =>
        Math.max(now - backdateSeconds, changedAt ?? 0, lastThisUpdate + 1),
      )
      .map((thisUpdate) => thisUpdate - now)
      .filter((wait) => wait > 0 && wait <= LONGEST_WAIT_SECONDS);
    if (waits.length > 0) await sleep(Math.max(...waits) * 1000);
  }

  async #task(
    issuer: Issuer,
    signer: IssuerSigner,
    drafts: readonly Draft[],
    now: UnixSeconds,
    priority: "urgent" | "bulk",
  ): Promise<MadeRecord[]> {
    const heads = drafts.map((draft) => this.#head(issuer, signer, draft, now));
    const rows = drafts.flatMap(({ serialNumber }, i) => {
      const head = heads[i];
      return head ? [{ key: serialNumber, value: head }] : [];
    });
    const signed = await this.#sign(issuer, signer, rows, priority);
    let next = 0;
    return drafts.map((draft, i) => {
      const octets = heads[i] ? signed[next++] : undefined;
      return octets ? { octets, signed: true } : unsigned(draft);
    });
  }

  #head(issuer: Issuer, signer: IssuerSigner, draft: Draft, now: UnixSeconds): Buffer | undefined {
    const { validitySeconds, backdateSeconds, hashes } = issuer.config.ocsp;
    const times = answerTimes({
      now,
      validitySeconds,
      backdateSeconds,
      endsBefore: answersEndBefore(issuer, signer),
      changedAt: draft.changedAt,
      lastThisUpdate: draft.lastThisUpdate,
    });
    if (typeof times === "number" || times.nextUpdate <= now) return undefined;
    return encodeRecordHead({ ...draft.status, ...times, hashes, signer: signer.parts.number });
  }

  async #sign(
    issuer: Issuer,
    signer: IssuerSigner,
    rows: { key: SerialNumber; value: Buffer }[],
    priority: "urgent" | "bulk",
  ): Promise<(Buffer | undefined)[]> {
    if (rows.length === 0) return [];
    const { keyFile, parts } = signer;
    try {
      const job = {
        keyFile,
        certificate: signer.certificate.der,
        issuer: issuer.parts,
        signer: parts,
        rows: packPairs(rows),
        secondLook: priority === "urgent" ? "every" : "one",
      } as const;
      const result = await this.#signing.answers(job, priority);
      for (const { row, fault } of result.faults) this.#countFault(issuer, rows[row]?.key, fault);
      const records = [...unpackPairs(result.records)];
      return rows.map(({ key, value }, i) => this.#received(issuer, key, value, records[i]));
    } catch (error) {
      this.#log.error({ issuer: issuer.name, reason: errorText(error) }, "signing failed");
      return rows.map(() => undefined);
    }
  }

  /** A record is what was asked for with signatures after it, or it is not taken. */
  #received(
    issuer: Issuer,
    serialNumber: SerialNumber,
    head: Buffer,
    record: { key: Buffer; value: Buffer } | undefined,
  ): Buffer | undefined {
    if (!record || record.value.length === 0) return undefined;
    const same =
      record.key.compare(serialNumber) === 0 &&
      record.value.subarray(0, head.length).compare(head) === 0;
    if (!same) {
      this.#countFault(issuer, serialNumber, "serialNumber");
      return undefined;
    }
    const answers = issuer.config.ocsp.hashes.length;
    metrics.answersSigned.inc({ issuer: issuer.name, kind: "presigned" }, answers);
    return Buffer.from(record.value);
  }

  #countFault(issuer: Issuer, serialNumber: SerialNumber | undefined, fault: string): void {
    metrics.proofFailures.inc({ issuer: issuer.name, fault });
    const serial = serialNumber && Buffer.from(serialNumber).toString("hex");
    this.#log.error({ issuer: issuer.name, serialNumber: serial, fault }, "proof failed");
  }
}

/** By the key's rate, as far as it is known. */
function recordsPerTask(issuer: Issuer, { key }: IssuerSigner): number {
  const records = ((key.rate ?? 0) * TASK_SECONDS) / issuer.config.ocsp.hashes.length;
  return Math.round(Math.max(LEAST_PER_TASK, Math.min(MOST_PER_TASK, records)));
}

/** Status without answers; the times it keeps make the next answer's thisUpdate later than both. */
export function unsigned(draft: Draft): MadeRecord {
  const floor = Math.max(draft.lastThisUpdate, (draft.changedAt ?? 0) - 1);
  const octets = encodeRecordHead({
    ...draft.status,
    hashes: [],
    signer: 0,
    thisUpdate: floor,
    producedAt: floor,
    nextUpdate: floor,
  });
  return { octets, signed: false };
}
