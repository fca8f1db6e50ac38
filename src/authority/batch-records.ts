import type { Desk } from "./desk.ts";
import { activeSigner, type Issuer } from "./issuer.ts";

const MOST_RECORDS = 1_000;
const LEAST_RECORDS = 200;
/** A slow signer's batches are so small that what it has signed is soon written. */
const BATCH_SECONDS = 10;

/** How many records are signed and written together, by the rate of the issuer's key as far as it is known. */
export function batchRecords(
  { clock, signingThreads }: Pick<Desk, "clock" | "signingThreads">,
  issuer: Issuer,
): number {
  const rate = activeSigner(issuer, clock())?.key.rate ?? Number.POSITIVE_INFINITY;
  const records = (rate * signingThreads * BATCH_SECONDS) / issuer.config.ocsp.hashes.length;
  return Math.round(Math.max(LEAST_RECORDS, Math.min(MOST_RECORDS, records)));
}
