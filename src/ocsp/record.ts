import type { UnixSeconds } from "../der/time.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";

/** What a record says of its certificate; what is expired is known from notAfter. */
export type RecordStatus = "good" | "revoked" | "hold";

/** Hash algorithms that answers are signed for ahead, in the order of their signatures in a record. */
export const PRESIGNED_HASHES = ["sha1", "sha256"] as const;
export type PresignedHash = (typeof PRESIGNED_HASHES)[number];

/** The times of an answer (RFC 6960 2.4). */
export interface AnswerTimes {
  readonly thisUpdate: UnixSeconds;
  readonly producedAt: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
}

/** What the store knows of one certificate, but for the signatures of its answers. */
export interface CertRecord extends AnswerTimes {
  readonly status: RecordStatus;
  /** 0 where good. */
  readonly reason: ReasonCode;
  /** 0 where good. */
  readonly revocationDate: UnixSeconds;
  readonly invalidityDate: UnixSeconds | undefined;
  /** Undefined where no source gave it: then the certificate is never taken as expired. */
  readonly notAfter: UnixSeconds | undefined;
  /** The journal sequence that last touched it. */
  readonly version: number;
  /** Which of the hashes have an answer; none where signing failed: the times then only bind the next answer. */
  readonly hashes: readonly PresignedHash[];
  /** The number of the signer of the answers, kept in settings. */
  readonly signer: number;
}

/** What a record says of its certificate, without its answers. */
export type CertStatus = Omit<CertRecord, keyof AnswerTimes | "hashes" | "signer">;

/** A record's status without its answers. */
export function statusOf(record: CertRecord): CertStatus {
  const { status, reason, revocationDate, invalidityDate, notAfter, version } = record;
  return { status, reason, revocationDate, invalidityDate, notAfter, version };
}

/** The status of a certificate that is good, before it is recorded. */
export function goodStatus(notAfter: UnixSeconds | undefined): CertStatus {
  return {
    status: "good",
    reason: CRLReason.unspecified,
    revocationDate: 0,
    invalidityDate: undefined,
    notAfter,
    version: 0,
  };
}

/*
 * The octets, big-endian; times are seconds since 1970, 0 for none:
 *    0 status, reason, mask of hashes    1 each
 *    3 signer                            2
 *    5 version                           5
 *   10 notAfter                          5
 *   15 thisUpdate                        5
 *   20 producedAt - thisUpdate           4
 *   24 nextUpdate - thisUpdate           4
 *   28 revocationDate, invalidityDate    5 each, absent where good
 *   then a signature for each hash in the mask, both of the signer's fixed length; ECDSA's as r and s.
 * With serial numbers of 16 octets and P-256, 22 of them go into one of LMDB's pages of 4 KiB; one octet more
 * a record, and there are 21.
 */
const GOOD_HEAD = 28;
const REVOKED_HEAD = 38;
const STATUSES: readonly RecordStatus[] = ["good", "revoked", "hold"];

/** The longest record: two ML-DSA-87 signatures. */
export const LONGEST_RECORD: number = REVOKED_HEAD + 2 * 4627;

/** The octets of a record without signatures. */
export function encodeRecordHead(record: CertRecord): Buffer {
  const head = Buffer.allocUnsafe(record.status === "good" ? GOOD_HEAD : REVOKED_HEAD);
  head[0] = STATUSES.indexOf(record.status);
  head[1] = record.reason;
  head[2] = hashMask(record.hashes);
  head.writeUInt16BE(record.signer, 3);
  head.writeUIntBE(record.version, 5, 5);
  head.writeUIntBE(record.notAfter ?? 0, 10, 5);
  head.writeUIntBE(record.thisUpdate, 15, 5);
  head.writeUInt32BE(record.producedAt - record.thisUpdate, 20);
  head.writeUInt32BE(record.nextUpdate - record.thisUpdate, 24);
  if (record.status !== "good") {
    head.writeUIntBE(record.revocationDate, 28, 5);
    head.writeUIntBE(record.invalidityDate ?? 0, 33, 5);
  }
  return head;
}

/** How many octets of a record come before its signatures. */
export function recordHeadSize(octets: Uint8Array): number {
  return octets[0] === 0 ? GOOD_HEAD : REVOKED_HEAD;
}

/** Sets the version in a record's octets: the journal sequence is known only when the change is written. */
export function setRecordVersion(octets: Buffer, version: number): void {
  octets.writeUIntBE(version, 5, 5);
}

/** Reads the octets of a record; signatures that follow are passed over. */
export function decodeRecord(octets: Buffer): CertRecord {
  const status = recordStatus(octets);
  const thisUpdate = recordThisUpdate(octets);
  return {
    status,
    reason: recordReason(octets),
    hashes: PRESIGNED_HASHES.filter((_, bit) => (octets[2] as number) & (1 << bit)),
    signer: recordSigner(octets),
    version: recordVersion(octets),
    notAfter: recordNotAfter(octets) || undefined,
    thisUpdate,
    producedAt: recordProducedAt(octets),
    nextUpdate: recordNextUpdate(octets),
    revocationDate: status === "good" ? 0 : recordRevocationDate(octets),
    invalidityDate: status === "good" ? undefined : octets.readUIntBE(33, 5) || undefined,
  };
}

/** Which octets of a record of `length` octets are its signature for this hash; nothing where it has none. */
export function signatureRange(
  octets: Uint8Array,
  length: number,
  hash: PresignedHash,
): { start: number; end: number } | undefined {
  const mask = octets[2] as number;
  const bit = 1 << PRESIGNED_HASHES.indexOf(hash);
  if (!(mask & bit)) return undefined;
  const head = recordHeadSize(octets);
  const size = (length - head) / bitCount(mask);
  const start = head + bitCount(mask & (bit - 1)) * size;
  return { start, end: start + size };
}

// Single fields, for the answer path, which reads few of them and makes no object.
export const recordStatus = (octets: Buffer): RecordStatus =>
  STATUSES[octets[0] as number] as RecordStatus;
/** For how many hashes a record has an answer. */
export const recordAnswers = (octets: Uint8Array): number => bitCount(octets[2] as number);
export const recordHasAnswer = (octets: Buffer): boolean => octets[2] !== 0;
export const recordVersion = (octets: Buffer): number => octets.readUIntBE(5, 5);
export const recordReason = (octets: Buffer): ReasonCode => octets[1] as ReasonCode;
export const recordSigner = (octets: Buffer): number => octets.readUInt16BE(3);
export const recordNotAfter = (octets: Buffer): UnixSeconds => octets.readUIntBE(10, 5);
export const recordThisUpdate = (octets: Buffer): UnixSeconds => octets.readUIntBE(15, 5);
export const recordProducedAt = (octets: Buffer): UnixSeconds =>
  recordThisUpdate(octets) + octets.readUInt32BE(20);
export const recordNextUpdate = (octets: Buffer): UnixSeconds =>
  recordThisUpdate(octets) + octets.readUInt32BE(24);
export const recordRevocationDate = (octets: Buffer): UnixSeconds => octets.readUIntBE(28, 5);

/** A record's reason as CRLs and OCSP give it: hold has its own. */
export function reasonOf(record: Pick<CertRecord, "status" | "reason">): ReasonCode {
  return record.status === "hold" ? CRLReason.certificateHold : record.reason;
}

function hashMask(hashes: readonly PresignedHash[]): number {
  return PRESIGNED_HASHES.reduce(
    (mask, hash, bit) => (hashes.includes(hash) ? mask | (1 << bit) : mask),
    0,
  );
}

function bitCount(mask: number): number {
  return (mask & 1) + ((mask >> 1) & 1);
}
