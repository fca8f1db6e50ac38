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
