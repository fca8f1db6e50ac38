import { encodeRevocation } from "../crl/revocation.ts";
import { type CRLScope, shardOf, shardOfScope } from "../crl/scope.ts";
import { parseRfc3339, type UnixSeconds } from "../der/time.ts";
import { recordNotAfter, recordVersion } from "../ocsp/record.ts";
import { PairChunks } from "../signing/packing.ts";
import type { CRLRow } from "../store/crl-rows.ts";
import { readJournal } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { CRLReason } from "../x509/reason.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import type { Issuer } from "./issuer.ts";
import {
  type ChangedCertificate,
  changedSince,
  lastSequence,
  walkRevoked,
} from "./revoked-walk.ts";

/** A complete CRL to be filled: of everything, or of a shard. */
export interface CompleteScope {
  readonly scope: CRLScope;
  /** The CRL that it follows. */
  readonly previous: CRLRow | undefined;
}

/** What a CRL lists, as signing jobs have it. */
export interface CRLContent {
  readonly rows: PairChunks;
  readonly changes: PairChunks;
}

/** What the CRLs of one round list: the state of the store at `sequence`, whatever happened while it was read. */
export interface RoundContent {
  readonly sequence: number;
  readonly complete: ReadonlyMap<CRLScope, CRLContent>;
  /** The changes since the base; nothing where no delta with a base was asked for. */
  readonly delta: PairChunks | undefined;
}

/**
 * Reads what complete CRLs and the delta to `base` are to list. A delta alone costs what changed since its
 * base; nothing holds the store's snapshot, or who else has work, for more than some milliseconds.
 */
export async function readContent(
  store: StoreReader,
  issuer: Issuer,
  scopes: readonly CompleteScope[],
  base: CRLRow | undefined,
): Promise<RoundContent> {
  store.refresh();
  const before = lastSequence(store);
  const shards = issuer.config.crl?.shards ?? 0;
  const complete = scopes.map((scope) => new CompleteContent(store, issuer, scope));
  const whole = complete.filter(({ shard }) => shard === undefined);
  const byShard = new Map(complete.map((content) => [content.shard, content]));
  const each = (serialNumber: SerialNumber): (CompleteContent | undefined)[] =>
    shards > 0 ? [...whole, byShard.get(shardOf(serialNumber, shards))] : whole;
  if (scopes.length > 0) {
    await walkRevoked(store, issuer.number, (serialNumber, row, key) => {
      for (const content of each(serialNumber)) content?.add(serialNumber, row, key);
    });
  }
  const since = base?.sequence ?? before;
  const { sequence, changed } = await changedSince(store, issuer.number, Math.min(since, before));
  for (const one of changed.filter((change) => change.sequence > before)) {
    for (const content of each(one.serialNumber)) content?.change(one);
  }
  return {
    sequence,
    complete: new Map(complete.map((content) => [content.scope, content])),
    delta:
      base &&
      deltaContent(
        store,
        changed.filter((change) => change.sequence > since),
      ),
  };
}

class CompleteContent implements CRLContent {
  readonly scope: CRLScope;
  readonly shard: number | undefined;
  readonly rows = new PairChunks();
  readonly changes = new PairChunks();
  readonly #store: StoreReader;
  readonly #issuer: Issuer;
  /** The CRL after which an expired certificate may leave; nothing where all stay. */
  readonly #listedBy: CRLRow | undefined;

  constructor(store: StoreReader, issuer: Issuer, { scope, previous }: CompleteScope) {
    this.scope = scope;
    this.shard = shardOfScope(scope);
    this.#store = store;
    this.#issuer = issuer;
    this.#listedBy = issuer.config.crl?.keepExpired ? undefined : previous;
  }

  add(serialNumber: SerialNumber, row: Buffer, key: Buffer): void {
    if (!this.#isLeftOut(key)) this.rows.add(serialNumber, row);
  }

  change({ serialNumber, row }: ChangedCertificate): void {
    const isListed = row && !this.#isLeftOut(recordKey(this.#issuer.number, serialNumber));
    this.changes.add(serialNumber, isListed ? row : Buffer.alloc(0));
  }

  #isLeftOut(key: Buffer): boolean {
    if (!this.#listedBy) return false;
    return wasListedExpired(this.#store.get("records", key), this.#listedBy);
  }
}

/**
 * Whether a CRL listed a certificate after it had expired, or had no longer to (RFC 5280 3.3): it was
 * expired by then, and nothing has changed it since. One that is revoked after its expiry is listed, too.
 */
export function wasListedExpired(
  record: Buffer | undefined,
  { thisUpdate, sequence }: CRLRow,
): boolean {
  if (!record || sequence === null || recordVersion(record) > sequence) return false;
  const notAfter = recordNotAfter(record);
  return notAfter > 0 && notAfter < thisUpdate;
}

/**
 * What a delta lists: each certificate that changed, as it is; one that is no longer revoked with
 * removeFromCRL, whether or not the base had it (RFC 5280 5.2.4).
 */
function deltaContent(store: StoreReader, changed: readonly ChangedCertificate[]): PairChunks {
  const pairs = new PairChunks();
  for (const { serialNumber, sequence, row } of changed) {
    pairs.add(serialNumber, row ?? removal(timeOfEvent(store, sequence)));
  }
  return pairs;
}

/** A row of a certificate that is to be removed from the base. */
export function removal(at: UnixSeconds): Buffer {
  const reason = CRLReason.removeFromCRL;
  return encodeRevocation({ reason, revocationDate: at, invalidityDate: undefined });
}

function timeOfEvent(store: StoreReader, sequence: number): UnixSeconds {
  const event = readJournal(store, sequence);
  return (event && parseRfc3339(event.at)) ?? 0;
}
