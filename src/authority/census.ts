import type { UnixSeconds } from "../der/time.ts";
import {
  recordHasAnswer,
  recordNextUpdate,
  recordNotAfter,
  recordProducedAt,
  recordSigner,
  recordStatus,
  recordThisUpdate,
} from "../ocsp/record.ts";
import { ALL_ISSUERS, issuerOfKey, keyAfter } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import type { IssuerSummary, Summary } from "../store/summary.ts";
import { Tally } from "./tally.ts";

const SCAN_ROWS = 1_000;
/** Expiry is counted by the hour: by the second, a million certificates would be a million buckets. */
const EXPIRY_BUCKET_SECONDS = 3600;

/** Whether answers of a signer of an issuer, by their numbers, are served. */
type IsServed = (issuer: number, signer: number) => boolean;

/** The earliest thisUpdate that an answer of an issuer may have, whatever its record says; 0 for any. */
type Floor = (issuer: number) => UnixSeconds;

/** The answers of one signer. */
class SignerCensus {
  readonly nextUpdates = new Tally();
  readonly producedAts = new Tally();
}

class IssuerCensus {
  readonly byStatus = { good: 0, revoked: 0, hold: 0 };
  /** By the signer's number: those of a withdrawn one are in the store until they are replaced, and are no answers. */
  readonly #signers = new Map<number, SignerCensus>();
  readonly expiries = new Tally(EXPIRY_BUCKET_SECONDS);
  /** A certificate's never goes back, so that it need not be counted. */
  #latestThisUpdate = 0;

  count(record: Buffer, by: 1 | -1): void {
    const status = recordStatus(record);
    this.byStatus[status] += by;
    this.#latestThisUpdate = Math.max(this.#latestThisUpdate, recordThisUpdate(record));
    const notAfter = recordNotAfter(record);
    if (status === "good" && notAfter > 0) this.expiries.count(notAfter, by);
    if (!recordHasAnswer(record)) return;
    const signer = this.#signer(recordSigner(record));
    signer.nextUpdates.count(recordNextUpdate(record), by);
    signer.producedAts.count(recordProducedAt(record), by);
  }

  get records(): number {
    return this.byStatus.good + this.byStatus.revoked + this.byStatus.hold;
  }

  summary(isServed: (signer: number) => boolean): IssuerSummary {
    const served = [...this.#signers].filter(([number]) => isServed(number));
    const tallies = served.map(([, tally]) => tally);
    return {
      records: this.records,
      answered: tallies.reduce((sum, { nextUpdates }) => sum + nextUpdates.total, 0),
      earliestNextUpdate: least(tallies.map(({ nextUpdates }) => nextUpdates.least())),
      oldestProducedAt: least(tallies.map(({ producedAts }) => producedAts.least())),
      latestThisUpdate: this.#latestThisUpdate,
    };
  }

  #signer(number: number): SignerCensus {
    const known = this.#signers.get(number);
    if (known) return known;
    const made = new SignerCensus();
    this.#signers.set(number, made);
    return made;
  }
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** How many records of an issuer have which status. */
export type StatusCounts = Record<"good" | "revoked" | "hold" | "expired", number>;

/**
 * Counts of what is in the store, kept exact by telling it of every record that is written: how many by
 * status, and the oldest answer. It begins with one walk over all records.
 */
export class Census {
  readonly #isServed: IsServed;
  readonly #floor: Floor;
  readonly #issuers = new Map<number, IssuerCensus>();
  /** Records before this key have been counted; nothing once all have. */
  #counted: Buffer | undefined = ALL_ISSUERS.start;

  /** Answers that are not served do not count as such. */
  constructor(isServed: IsServed = () => true, floor: Floor = () => 0) {
    this.#isServed = isServed;
    this.#floor = floor;
  }

  /**
   * Counts what is there, yielding to other work; `unanswered` gets each record without an answer. It reads
   * as a writer, in its turn among them: what it sees has been told of by then, and what it does not see is
   * told of when it is counted. A snapshot may hold a record whose `replaced` has yet to come. Told to stop, it leaves
   * the rest uncounted.
   */
  async scan(
    store: Pick<Store, "rows" | "transact">,
    unanswered: (key: Buffer) => void,
    stopping?: AbortSignal,
  ): Promise<void> {
    for (let start = this.#counted; start && !stopping?.aborted; start = this.#counted) {
      const range = { start, end: ALL_ISSUERS.end, limit: SCAN_ROWS };
      const rows = await store.transact(() => store.rows("records", range));
      for (const { key, value } of rows) {
        this.#of(issuerOfKey(key)).count(value, 1);
        if (!recordHasAnswer(value)) unanswered(key);
      }
      const last = rows.at(-1);
      this.#counted = last && rows.length === SCAN_ROWS ? keyAfter(last.key) : undefined;
    }
  }

  /** Tells of a record that was written in place of `before`; without `after` it is no longer there. */
  replaced(key: Buffer, before: Buffer | undefined, after: Buffer | undefined): void {
    if (this.#counted && key.compare(this.#counted) >= 0) return;
    const issuer = this.#of(issuerOfKey(key));
    if (before) issuer.count(before, -1);
    if (after) issuer.count(after, 1);
  }

  /** Whether every record has been counted. */
  get isComplete(): boolean {
    return this.#counted === undefined;
  }

  /** All records that were counted. */
  get records(): number {
    return [...this.#issuers.values()].reduce((sum, issuer) => sum + issuer.records, 0);
  }

  counts(issuer: number, now: UnixSeconds): StatusCounts {
    const { byStatus, expiries } = this.#of(issuer);
    const expired = expiries.below(now);
    return { ...byStatus, good: byStatus.good - expired, expired };
  }

  issuer(issuer: number): IssuerSummary {
    const { latestThisUpdate = 0, ...counted } = this.#of(issuer).summary((signer) =>
      this.#isServed(issuer, signer),
    );
    return { ...counted, latestThisUpdate: Math.max(latestThisUpdate, this.#floor(issuer)) };
  }

  summary(): Summary {
    return Object.fromEntries(
      [...this.#issuers.keys()].map((number) => [number, this.issuer(number)]),
    );
  }

  #of(issuer: number): IssuerCensus {
    const known = this.#issuers.get(issuer);
    if (known) return known;
    const made = new IssuerCensus();
    this.#issuers.set(issuer, made);
    return made;
  }
}
