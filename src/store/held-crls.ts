import type { HeldCRLs } from "../crl/foreign-crl.ts";
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

/** Puts imported CRLs into force, as part of a change. */
export function writeHeldCRLs(transaction: Transaction, issuer: number, held: HeldState): void {
  writeSetting(transaction, nameOf(issuer), held);
}

function nameOf(issuer: number): string {
  return `heldCRLs ${issuer}`;
}
