import { createHash } from "node:crypto";
import type { UnixSeconds } from "../der/time.ts";
import {
  decodeRecord,
  recordHasAnswer,
  recordNextUpdate,
  recordNotAfter,
  recordProducedAt,
  recordSigner,
} from "../ocsp/record.ts";
import { activeSigner, answersEndBefore, type Issuer } from "./issuer.ts";

/** Parts of half an answer's life that one pass over an issuer's records may take. */
const PASSES_PER_HALF_LIFE = 8;
/** What ends later than after so many passes is seen by the sweep in good time. */
const PASSES_IN_TIME = 2;
/** A pass may be late by this much of itself without an answer growing too old. */
const PASS_MARGIN = 1.25;

/** Half of an answer's life: by then it is signed anew (RFC 9919 7.1). */
function halfLife(issuer: Issuer): number {
  return issuer.config.ocsp.validitySeconds / 2;
}

/** How long one pass over an issuer's records may take, so that each is seen well within half a life. */
export function passSeconds(issuer: Issuer): number {
  return halfLife(issuer) / PASSES_PER_HALF_LIFE;
}

/**
 * Whether a record's answers are to be signed anew on this pass: those that would be past half their life
 * before the next one. Each answer has a share of its own, from 3/4 to the whole of that time, so that what
 * was imported together does not stay together and the load becomes flat.
 */
export function isDue(
  issuer: Issuer,
  key: Uint8Array,
  record: Buffer,
  now: UnixSeconds,
  pass: number,
): boolean {
  if (!recordHasAnswer(record) || hashesDiffer(issuer, record)) return true;
  if (outlivesStatus(issuer, record)) return true;
  if (!issuer.servedSigners.has(recordSigner(record)) || lacksCutoff(record, now)) return true;
  const latest = halfLife(issuer) - pass * PASS_MARGIN;
  const producedAt = recordProducedAt(record);
  if (now - producedAt >= latest * (0.75 + 0.25 * share(key, producedAt))) return true;
  return isCutShort(issuer, record, now);
}

/**
 * Whether a record's answers are to be signed anew since there is a new CRL: those that end after it, which are
 * not served; those that it lets live longer and that end before the sweep is sure to come by; and those that
 * there are none of.
 */
export function wantsRenewal(
  issuer: Issuer,
  record: Buffer,
  now: UnixSeconds,
  pass: number,
): boolean {
  if (!recordHasAnswer(record) || isCutShort(issuer, record, now)) return true;
  if (outlivesStatus(issuer, record)) return true;
  const nextUpdate = recordNextUpdate(record);
  const signer = activeSigner(issuer, now);
  const canLiveLonger = signer && answersEndBefore(issuer, signer) - 1 > nextUpdate;
  return canLiveLonger === true && nextUpdate - now < PASSES_IN_TIME * pass;
}

/** The CRL that it was signed under would have ended later than the one in force does. */
function outlivesStatus(issuer: Issuer, record: Buffer): boolean {
  return recordNextUpdate(record) > issuer.statusEnds();
}

/** The certificate has expired since: who verifies it now looks for an archiveCutoff (RFC 6960 4.4.4). */
function lacksCutoff(record: Buffer, now: UnixSeconds): boolean {
  const notAfter = recordNotAfter(record);
  return notAfter !== 0 && notAfter < now && notAfter >= recordProducedAt(record);
}

function hashesDiffer(issuer: Issuer, record: Buffer): boolean {
  const { hashes } = decodeRecord(record);
  const wanted = issuer.config.ocsp.hashes;
  return hashes.length !== wanted.length || !hashes.every((hash) => wanted.includes(hash));
}

/**
 * Its signer's expiry or the end of a CRL cut its life short, it is half over, and now there is a signer or a
 * CRL that can give it more.
 */
function isCutShort(issuer: Issuer, record: Buffer, now: UnixSeconds): boolean {
  const nextUpdate = recordNextUpdate(record);
  const left = nextUpdate - now;
  if (left > halfLife(issuer) || left > now - recordProducedAt(record)) return false;
  const signer = activeSigner(issuer, now);
  return signer !== undefined && answersEndBefore(issuer, signer) - 1 > nextUpdate;
}

/**
 * From 0 to 1, another with each answer: if a certificate kept its share, all of one share would be signed in
 * one pass always, and every few days all would be.
 */
function share(key: Uint8Array, producedAt: UnixSeconds): number {
  const hash = createHash("sha1").update(key).update(String(producedAt)).digest();
  return hash.readUInt32BE() / 0xffff_ffff;
}
