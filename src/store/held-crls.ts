import type { HeldCRLs } from "../crl/foreign-crl.ts";
import { END_OF_TIME, type UnixSeconds } from "../der/time.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** The imported CRLs of an issuer that are in force. */
export interface HeldState extends HeldCRLs {
  /** How many certificates the full CRL no longer lists although they neither expired nor were on hold. */
  readonly lost: number;
}

/** The imported CRLs in force, or nothing where none was imported. */
export function readHeldCRLs(
  store: Pick<StoreReader, "get"> | Transaction,
  issuer: number,
): HeldState | undefined {
  return readSetting<HeldState>(store, nameOf(issuer));
}

/**
 * When what is known of an issuer's certificates ends: with the full CRL in force where their status comes from
 * CRLs, in the past where there is none; never for others. No answer may end later.
 */
export function statusEnds(
  store: Pick<StoreReader, "get">,
  { number, source }: { readonly number: number; readonly source: "issued" | "crl" },
): UnixSeconds {
  if (source === "issued") return END_OF_TIME;
  return readHeldCRLs(store, number)?.full.nextUpdate ?? 0;
}

/** Puts imported CRLs into force, as part of a change. */
export function writeHeldCRLs(transaction: Transaction, issuer: number, held: HeldState): void {
  writeSetting(transaction, nameOf(issuer), held);
}

function nameOf(issuer: number): string {
  return `heldCRLs ${issuer}`;
}
