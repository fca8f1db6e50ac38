import type { CrlConfig } from "../config/config.ts";
import type { CRLScope } from "../crl/scope.ts";
import { readCRLRow } from "../store/crl-rows.ts";
import type { Retention } from "./crl-files.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/** CRLs of all ages: so many that whoever was told of the last one can still have it. */
const ALWAYS_KEPT = 2;
const KEPT_BY_DEFAULT: CrlConfig["keep"] = { count: 20 };
/** Shards are numbered to 4095; CRLNumbers from the clock have 13 digits. */
const SHARD_DIGITS = 4;

/** Which CRLs of a scope are kept, by `crl.keep`: so many, or those of so long a time. */
export function crlRetention(desk: Desk, issuer: Issuer, scope: CRLScope): Retention {
  const { keep = KEPT_BY_DEFAULT, shards = 0 } = issuer.config.crl ?? {};
  const shardDigits = scope === "full" && shards > 0 ? SHARD_DIGITS : 0;
  if ("count" in keep) return { shardDigits, isKept: (_, newerOnes) => newerOnes < keep.count };
  const since = desk.clock() - keep.seconds;
  return {
    shardDigits,
    isKept: (crlNumber, newerOnes) =>
      newerOnes < ALWAYS_KEPT || thisUpdate(desk, issuer, scope, crlNumber) >= since,
  };
}

/** Of a file without a row nothing is known: it is not kept. */
function thisUpdate(desk: Desk, issuer: Issuer, scope: CRLScope, crlNumber: bigint): number {
  return readCRLRow(desk.store, issuer.number, scope, crlNumber)?.thisUpdate ?? 0;
}
