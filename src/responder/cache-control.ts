import type { UnixSeconds } from "../der/time.ts";

const LONGEST_SECONDS = 3600;
const SHORTEST_SECONDS = 60;

/** The share of a max-age that the spread may take away. */
const SPREAD_SHARE = 1 / 4;

/** The validity interval of one signed answer. */
export interface AnswerTimes {
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
}

/** What the issuer's answers are signed with. */
export interface AnswerPolicy {
  readonly validitySeconds: number;
  readonly backdateSeconds: number;
}

/**
 * The max-age, in whole seconds, of a pre-signed answer that is served `now` (RFC 9919 7.2).
 *
 * It ends before nextUpdate and before half of the life, counted from thisUpdate + backdate: by
 * then the answer has been signed anew. It is at most an hour. Where signing is late or nearly
 * due it is a minute, as long as nextUpdate is more than that ahead; it is never negative.
 *
 * `spread`, from 0 to 1 and the same for one serial number always, takes up to a quarter away, so
 * that caches which asked together do not come back together.
 */
export function answerMaxAge(
  times: AnswerTimes,
  policy: AnswerPolicy,
  now: UnixSeconds,
  spread: number,
): number {
  const halfLife =
    times.thisUpdate + policy.backdateSeconds + Math.floor(policy.validitySeconds / 2);
  const ends = Math.min(times.nextUpdate, halfLife);
  const most = Math.min(LONGEST_SECONDS, ends - now - 1);
  const spreadOut = Math.floor(most * (1 - SPREAD_SHARE * spread));
  const least = now + SHORTEST_SECONDS < times.nextUpdate ? SHORTEST_SECONDS : 0;
  return Math.max(least, spreadOut);
}

/**
 * From 0 to below 1, the same for one serial number always. Those in a row, as many CAs give them, lie far
 * apart: FNV-1a, whose last multiplication carries the last octet up.
 */
export function spreadOf(serialNumber: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < serialNumber.length; i++) {
    hash = Math.imul(hash ^ (serialNumber[i] as number), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}

/** The max-age, in seconds, of a CRL: at most an hour, to its nextUpdate, 0 when that is past. */
export function crlMaxAge(nextUpdate: UnixSeconds, now: UnixSeconds): number {
  return Math.max(0, Math.min(LONGEST_SECONDS, nextUpdate - now));
}

/** Cache-Control of a pre-signed OCSP answer (RFC 9919 7.2). */
export function answerCacheControl(maxAge: number): string {
  return `max-age=${maxAge}, public, no-transform, must-revalidate`;
}

/**
 * Cache-Control of a CRL (RFC 9111 5.2.2). Without must-revalidate a cache that is cut off may go
 * on handing out its copy, whose own nextUpdate says how long it holds; without no-transform it
 * may compress it.
 */
export function crlCacheControl(maxAge: number): string {
  return `max-age=${maxAge}, public`;
}

/** Cache-Control of what never changes: a CRL under the path that has its number (RFC 8246 2). */
export const IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable";

/** Cache-Control of what is not authoritative, OCSP errors first (RFC 9919 7.2). */
export const ERROR_CACHE_CONTROL = "no-store";

/** Cache-Control of an answer with a nonce: right, but for whoever sent the nonce alone (RFC 9919 7.2). */
export const PRIVATE_CACHE_CONTROL = "private, max-age=0, must-revalidate";
