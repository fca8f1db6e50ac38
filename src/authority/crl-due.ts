import type { CrlConfig } from "../config/config.ts";
import type { UnixSeconds } from "../der/time.ts";
import type { IssueRequest } from "./admin-crl-types.ts";

/** A published CRL as the schedule sees it. */
export interface CRLAge {
  /** Since it was made, by the clock; endless where the clock has stepped back behind that. */
  readonly ageSeconds: number;
  readonly nextUpdate: UnixSeconds;
  /** Whether the status of a certificate has changed that it does not tell of. */
  readonly isOutdated: boolean;
}

/** An issuer's CRLs as they are published now; nothing for one that is missing. */
export interface CRLsNow {
  /** The full one first, then those of shards. */
  readonly complete: readonly (CRLAge | undefined)[];
  readonly delta: CRLAge | undefined;
  /** Whether relying parties have seen a newer one than the store knows. */
  readonly isBehind: boolean;
  /** Whether there is a full CRL that a delta can be the difference to. */
  readonly canIssueDelta: boolean;
}

/**
 * Which CRLs are due: all where one is missing, as old as `every`, or half through the time that `every`
 * leaves before its nextUpdate; the delta by its own interval. After a change of status the delta, where it
 * tells of every certificate, or else all, but not sooner than `leastInterval` after the one before; a delta is
 * small, and never put off beyond `onRevocation`.
 */
export function dueCRLs(
  crl: CrlConfig,
  now: CRLsNow,
  at: UnixSeconds,
): IssueRequest["kinds"] | undefined {
  const [full] = now.complete;
  if (!full || now.isBehind || now.complete.some((one) => isOver(crl, one, at))) return "all";
  const { onRevocationSeconds, leastIntervalSeconds } = crl;
  const isFullOverdue = isOverdue(crl, full, leastIntervalSeconds);
  if (crl.deltaSeconds === undefined) return isFullOverdue ? "all" : undefined;
  if (crl.shards > 0 && isFullOverdue) return "all";
  const { delta } = now;
  const leastSeconds = Math.min(leastIntervalSeconds, onRevocationSeconds);
  const isDue =
    !delta || delta.ageSeconds >= crl.deltaSeconds || isOverdue(crl, delta, leastSeconds);
  if (!isDue) return undefined;
  return now.canIssueDelta ? "delta" : "all";
}

function isOver(
  { everySeconds, validitySeconds }: CrlConfig,
  crl: CRLAge | undefined,
  at: UnixSeconds,
): boolean {
  if (!crl || crl.ageSeconds >= everySeconds) return true;
  return crl.nextUpdate - at <= (validitySeconds - everySeconds) / 2;
}

function isOverdue(
  { onRevocationSeconds }: CrlConfig,
  { isOutdated, ageSeconds }: CRLAge,
  leastSeconds: number,
): boolean {
  return onRevocationSeconds > 0 && isOutdated && ageSeconds >= leastSeconds;
}
