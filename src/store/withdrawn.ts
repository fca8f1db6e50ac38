import { hash } from "node:crypto";
import type { Certificate } from "../x509/certificate.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** A signer that is trusted no more: its key never signs again, and none of its answers is served. */
export interface WithdrawnSigner {
  /** The number of its issuer. */
  readonly issuer: number;
  /** Its certificate's, as `serialNumberText` gives it. */
  readonly serialNumber: string;
  /** SHA-256 of its SubjectPublicKeyInfo, in hexadecimal: another certificate for the key does not bring it back. */
  readonly publicKey: string;
  readonly by: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** Whether all that it had signed has been signed anew. */
  readonly isReplaced: boolean;
}

const NAME = "withdrawnSigners";

/** All signers that were ever withdrawn. */
export function readWithdrawn(
  store: Pick<StoreReader, "get"> | Transaction,
): readonly WithdrawnSigner[] {
  return readSetting<WithdrawnSigner[]>(store, NAME) ?? [];
}

/** Adds a signer, as part of a change. */
export function addWithdrawn(transaction: Transaction, signer: WithdrawnSigner): void {
  writeSetting(transaction, NAME, [...readWithdrawn(transaction), signer]);
}

/** Notes that nothing is left of what an issuer's withdrawn signers had signed, as part of a change. */
export function noteReplaced(transaction: Transaction, issuer: number): void {
  const signers = readWithdrawn(transaction);
  const noted = signers.map((one) => (one.issuer === issuer ? { ...one, isReplaced: true } : one));
  writeSetting(transaction, NAME, noted);
}

/** The name of a certificate's key among those that are withdrawn. */
export function publicKeyName({
  subjectPublicKeyInfo,
}: Pick<Certificate, "subjectPublicKeyInfo">): string {
  return hash("sha256", subjectPublicKeyInfo, "hex");
}
