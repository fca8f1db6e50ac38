import type { SerialNumber } from "../x509/serial-number.ts";
import { CRL_NUMBER_LIMIT } from "./crl-number.ts";

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
export function shardOfScope(scope: CRLScope): number | undefined {
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
export function namesOtherScopes(fullName: string): boolean {
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

/*
 * Every CRL that was published stays at a name of its own, which never means another: the CRL at NAME.crl that has
 * the number N is NAME/N.crl, of a delta NAME-delta/N.crl, of a shard NAME/SHARD/N.crl. NAME/17.crl may be a shard or
 * a number. A shard is meant where the issuer has that shard: it is below 4096, and CRLNumbers from a clock are
 * above 10^12; an imported CRL may have a small number, but such an issuer has no shards.
 */

/** The name that a CRL keeps, from the name of the newest of its scope, which ends in `.crl`. */
export function numberedName(name: string, crlNumber: bigint): string {
  return `${name.slice(0, -SUFFIX.length)}/${crlNumber}${SUFFIX}`;
}

/** At most 20 octets (RFC 5280 5.2.3), and one way to write each. */
const NUMBERED = /^(?<stem>.+)\/(?<number>0|[1-9]\d{0,47})\.crl$/;

/** The name of the newest, and the number, of which this is the numbered name; nothing where it is none. */
export function splitNumberedName(
  numbered: string,
): { readonly name: string; readonly crlNumber: bigint } | undefined {
  const { stem, number } = NUMBERED.exec(numbered)?.groups ?? {};
  if (stem === undefined || number === undefined) return undefined;
  const crlNumber = BigInt(number);
  return crlNumber < CRL_NUMBER_LIMIT ? { name: stem + SUFFIX, crlNumber } : undefined;
}
