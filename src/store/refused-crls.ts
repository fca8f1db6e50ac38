import type { CRLScope } from "../crl/scope.ts";
import type { UnixSeconds } from "../der/time.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** The last CRL of an issuer that somebody brought and that is not used. */
export interface RefusedCRL {
  /** What who brought it calls it: a file's name, or a URL. */
  readonly name: string;
  readonly at: UnixSeconds;
  /** Why it is not used. */
  readonly refused: string;
  /** What it says of itself; null where the issuer did not make it, or it could not be read. */
  readonly says: SaidOfCRL | null;
}

/** What a CRL says of itself. */
export interface SaidOfCRL {
  readonly scope: CRLScope;
  /** Decimal; null of a CRL without one, as `baseCRLNumber` of a full one. */
  readonly crlNumber: string | null;
  readonly baseCRLNumber: string | null;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly entries: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The last CRL that was brought and is not used; nothing where one that was brought since is. */
export function readRefusedCRL(
  store: Pick<StoreReader, "get"> | Transaction,
  issuer: number,
): RefusedCRL | undefined {
  return readSetting<RefusedCRL | null>(store, nameOf(issuer)) ?? undefined;
}

/** Keeps what was refused, or forgets it, as part of a change. */
export function writeRefusedCRL(
  transaction: Transaction,
  issuer: number,
  refused: RefusedCRL | undefined,
): void {
  writeSetting(transaction, nameOf(issuer), refused ?? null);
}

function nameOf(issuer: number): string {
  return `refusedCRL ${issuer}`;
}
