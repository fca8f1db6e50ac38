import type { OcspConfig } from "../config/config.ts";

/**
 * Signatures a second that keep an issuer's answers fresh: each record has one for each hash, and they are made
 * anew within half of their life.
 */
export function signaturesNeeded(
  records: number,
  { hashes, validitySeconds }: Pick<OcspConfig, "hashes" | "validitySeconds">,
): number {
  return (records * hashes.length) / (validitySeconds / 2);
}

/** Signatures a second of all threads, by that of one; proofs included, as keys are measured. */
export function signaturesPossible(rate: number, signingThreads: number): number {
  return rate * signingThreads;
}

/** Of what a key can do, so much is kept for imports, revocations and live answers. */
const MOST_SHARE = 0.5;

/** Whether a signer is too slow for its issuer's records, by what is needed and possible a second. */
export function isTooSlow(needed: number, possible: number): boolean {
  return needed > possible * MOST_SHARE;
}
