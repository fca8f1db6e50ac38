import { metrics } from "../observe/metrics.ts";
import { FAULTS } from "../ocsp/proof.ts";
import type { Issuer } from "./issuer.ts";

/** What bringing a CRL can end in; also the label of `vouch_crl_imports_total`. */
export const CRL_IMPORT_RESULTS = ["imported", "unchanged", "refused", "failed"] as const;

/**
 * Shows counters of what should never happen at 0 before it does: for Prometheus' `increase` a series that begins
 * with 1 has not risen, and an alert on it would miss the first time.
 */
export function showAtZero({ name: issuer, config }: Issuer): void {
  for (const fault of [...FAULTS, "crl"]) metrics.proofFailures.inc({ issuer, fault }, 0);
  const isImported = config.source === "crl" || (config.crl && !config.crl.signer);
  if (!isImported) return;
  for (const result of CRL_IMPORT_RESULTS) metrics.crlImports.inc({ issuer, result }, 0);
}
