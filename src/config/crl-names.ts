import { type CRLKinds, crlScopePaths, crlScopes } from "../crl/scope.ts";
import type { CrlConfig } from "./config.ts";
import { crlPath } from "./url-path.ts";

/** Which CRLs an issuer has besides the full one. */
export function crlKinds(crl: CrlConfig | undefined): CRLKinds {
  const isImported = crl !== undefined && crl.signer === undefined;
  return { shards: crl?.shards ?? 0, hasDelta: isImported || crl?.deltaSeconds !== undefined };
}

/** The paths of an issuer's full CRL, `/crl/NAME.crl` first; those of its other CRLs follow from them. */
export function fullCRLPaths(name: string, crl: CrlConfig | undefined): string[] {
  return crl ? [crlPath(name), ...crl.paths] : [];
}

/** Every path that a CRL of this issuer is served under. */
export function crlPaths(name: string, crl: CrlConfig | undefined): string[] {
  const full = fullCRLPaths(name, crl);
  return crlScopes(crlKinds(crl)).flatMap((scope) => crlScopePaths(full, scope));
}
