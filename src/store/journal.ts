import { createHash } from "node:crypto";
import { type SerialNumber, serialNumberFromDer } from "../x509/serial-number.ts";
import { changeKey, sequenceKey } from "./keys.ts";
import { adjustSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** What happened; only what the action needs is there, and what is absent is left out of the octets. */
export interface JournalEvent {
  readonly action:
    | "revoke"
    | "hold"
    | "release"
    | "import"
    | "crl"
    | "init"
    | "reload"
    | "clock"
    | "withdraw";
  /** Who asked. */
  readonly by: string;
  /** When it was recorded, RFC 3339 UTC. */
  readonly at: string;
  readonly issuer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly reason?: string | undefined;
  readonly revocationDate?: string | undefined;
  readonly invalidityDate?: string | undefined;
  /** The reference of the request that the officer acted on. */
  readonly request?: string | undefined;
  /** The agency that asked for it. */
  readonly agency?: string | undefined;
  /** Of an import batch: how many rows, and SHA-256 over them as they were sorted. */
  readonly rows?: number | undefined;
  readonly rowsHash?: string | undefined;
  readonly crlNumber?: string | undefined;
  /** Of a CRL: `all`, or `delta` where it was issued alone. */
  readonly scope?: string | undefined;
  /** Of a CA's last CRL: that it is in force for ever, RFC 3339 UTC. */
  readonly nextUpdate?: string | undefined;
  /** Why a CRL was published against the gate. */
  readonly force?: string | undefined;
  /** Of certificates that were first known by a CRL that was imported: its thisUpdate. All of them are revoked or on hold. */
  readonly listedOn?: string | undefined;
  /** Of an accepted clock: what it should have said, RFC 3339 UTC. */
  readonly expected?: string | undefined;
  /** Of a change of status: the event that touched the certificate before. */
  readonly previous?: number | undefined;
  /** Of an import batch: the events, ascending, that touched before those of its certificates that were known. */
  readonly previousOnes?: readonly number[] | undefined;
}

/** An event as the journal keeps it. */
export interface JournalEntry extends JournalEvent {
  readonly sequence: number;
}

const LEAF_HASH = 32;

/**
 * The canonical octets of an entry: JSON in UTF-8 with its members sorted by name and no white space,
 * as RFC 8785 has it (only strings, small integers and lists of them occur).
 */
export function canonicalOctets(entry: JournalEntry): Buffer {
  const members = Object.entries(entry).filter(([, value]) => value !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(Object.fromEntries(members)), "utf8");
}

/** The Merkle tree leaf hash of an entry's octets (RFC 6962 2.1). */
export function leafHash(octets: Uint8Array): Buffer {
  return createHash("sha256").update(Buffer.of(0)).update(octets).digest();
}

/** Writes an event into the journal as part of a change; returns its sequence. */
export function appendJournal(transaction: Transaction, event: JournalEvent): number {
  const sequence = adjustSetting(transaction, "sequence", (last) => last + 1);
  const octets = canonicalOctets({ ...event, sequence });
  transaction.put("journal", sequenceKey(sequence), Buffer.concat([leafHash(octets), octets]));
  return sequence;
}

/** The entry with this sequence, or nothing. */
export function readJournal(
  store: Pick<StoreReader, "get">,
  sequence: number,
): JournalEntry | undefined {
  const value = store.get("journal", sequenceKey(sequence));
  return value && (JSON.parse(value.subarray(LEAF_HASH).toString("utf8")) as JournalEntry);
}

/**
 * Notes which records a change touched: one serialNumber, or for an import batch the first and last of
 * the range in which those with this sequence as their version are the batch.
 */
export function appendChange(
  transaction: Transaction,
  issuer: number,
  sequence: number,
  serialNumbers: readonly Uint8Array[],
): void {
  const value = Buffer.concat(
    serialNumbers.flatMap((serial) => [Buffer.of(serial.length), serial]),
  );
  transaction.put("changes", changeKey(issuer, sequence), value);
}

/** Which records a change touched, as `appendChange` has them; none where there was no such change. */
export function readChange(
  store: Pick<StoreReader, "get">,
  issuer: number,
  sequence: number,
): SerialNumber[] {
  const value = store.get("changes", changeKey(issuer, sequence)) ?? Buffer.alloc(0);
  const serialNumbers: SerialNumber[] = [];
  for (let at = 0; at < value.length; at += 1 + (value[at] as number)) {
    const octets = value.subarray(at + 1, at + 1 + (value[at] as number));
    serialNumbers.push(octets as Uint8Array as SerialNumber);
  }
  return serialNumbers;
}

/** The certificate whose status a row of `changes` tells of; nothing for an import batch, which changes none. */
export function changedSerialNumber(value: Buffer): SerialNumber | undefined {
  const [length = 0] = value;
  return value.length === 1 + length ? serialNumberFromDer(value.subarray(1)) : undefined;
}
