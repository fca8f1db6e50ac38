import type { SerialNumber } from "../x509/serial-number.ts";

/** What a CRL covers, by its name: every certificate, what changed since a full CRL, or one shard. */
export type CRLScope = "full" | "delta" | `shard-${number}`;

/** Which CRLs an issuer has besides the full one. */
export interface CRLKinds {
  /** How many shards; 0 for none. */
  readonly shards: number;
  readonly hasDelta: boolean;
}

/** Every CRL of an issuer, each always there: the full one, its delta, then the shards. */
export function crlScopes({ shards, hasDelta }: CRLKinds): CRLScope[] {
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  return ["full", ...(hasDelta ? (["delta"] as const) : []), ...numbers.map(shardScope)];
}

/** The scope of a shard's CRL. */
function shardScope(shard: number): CRLScope {
  return `shard-${shard}`;
}

/** The shard of a scope, or nothing where it is none. */
function shardOfScope(scope: CRLScope): number | undefined {
  return scope.startsWith("shard-") ? Number(scope.slice("shard-".length)) : undefined;
}

/** The shard that lists a certificate, the same for ever: its serialNumber modulo the number of shards. */
export function shardOf(serialNumber: SerialNumber, shards: number): number {
  let rest = 0;
  for (const octet of serialNumber) rest = (rest * 256 + octet) % shards;
  return rest;
}

const SUFFIX = ".crl";

/** Whether the names of an issuer's other CRLs follow from this name of its full one. */
function namesOtherScopes(fullName: string): boolean {
  return fullName.endsWith(SUFFIX);
}

/**
 * The URL, path or file name of an issuer's CRL, from that of its full one: NAME.crl has its delta at
 * NAME-delta.crl and its shards at NAME/0.crl, NAME/1.crl and so on.
 */
export function scopeName(fullName: string, scope: CRLScope): string {
  if (scope === "full") return fullName;
  const stem = fullName.slice(0, -SUFFIX.length);
  return scope === "delta" ? `${stem}-delta${SUFFIX}` : `${stem}/${shardOfScope(scope)}${SUFFIX}`;
}

/** The paths of an issuer's CRL, from those of its full one; one that does not end in `.crl` names no other. */
export function crlScopePaths(fullPaths: readonly string[], scope: CRLScope): string[] {
  if (scope === "full") return [...fullPaths];
  return fullPaths.filter(namesOtherScopes).map((path) => scopeName(path, scope));
}
