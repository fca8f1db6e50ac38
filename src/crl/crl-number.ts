import type { UnixSeconds } from "../der/time.ts";

/** CRLNumbers stay below this: at most 20 octets with the sign (RFC 5280 5.2.3). */
export const CRL_NUMBER_LIMIT: bigint = 2n ** 159n;

/**
 * The CRLNumber of the next CRL of a scope, above `last` and rising with time (RFC 5280 5.2.3).
 *
 * It is taken from the clock, a thousand numbers to the second, so that a store restored from a
 * backup goes on above what was published since. While the clock stands still or steps back, or
 * more than a thousand are issued in a second, it counts up from `last`.
 * A `RangeError` when no number below the limit is left, which only a foreign `last` can bring.
 */
export function nextCRLNumber(last: bigint | undefined, thisUpdate: UnixSeconds): bigint {
  const least = last === undefined ? 0n : last + 1n;
  const fromClock = BigInt(thisUpdate) * 1000n;
  const next = fromClock > least ? fromClock : least;
  if (next >= CRL_NUMBER_LIMIT) {
    throw new RangeError(
      `CRLNumber after ${last} would not stay below 2^159: the CA needs a new key and CRL`,
    );
  }
  return next;
}
