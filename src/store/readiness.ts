import type { UnixSeconds } from "../der/time.ts";
import { rfc3339 } from "../der/time.ts";
import { readHeldCRLs } from "./held-crls.ts";
import type { StoreReader } from "./store.ts";
import { type IssuerSummary, unreadyReason } from "./summary.ts";

/** What readiness looks at of an issuer. */
export interface ReadyIssuer {
  readonly number: number;
  readonly source: "issued" | "crl";
}

/** Why an issuer cannot be relied on now, or null where it can. */
export function issuerUnreadyReason(
  store: Pick<StoreReader, "get">,
  { number, source }: ReadyIssuer,
  summary: IssuerSummary | undefined,
  now: UnixSeconds,
): string | null {
  const hasRecords = summary !== undefined && summary.records > 0;
  if (source === "issued") return unreadyReason(summary, now);
  const held = readHeldCRLs(store, number);
  if (!held) return hasRecords ? "no CRL has been imported, so no status is known" : null;
  if (held.full.nextUpdate > now) return unreadyReason(summary, now);
  return `the imported CRL expired at ${rfc3339(held.full.nextUpdate)} and no newer one was imported`;
}
