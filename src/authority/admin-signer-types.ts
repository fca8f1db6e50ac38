import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";

/* What commands on signers and the authority say to each other: see admin-types.ts. */

/** What a signer is doing. A key that fails now is tried again by itself. */
export type SignerState =
  | "signs"
  | "standsBy"
  | "notYetValid"
  | "expired"
  | "keyFault"
  | "refused"
  | "withdrawn";

/**
 * One signer of OCSP answers, as `signer list` prints it. What is not known of a former signer, or of one whose
 * certificate cannot be read, is null.
 */
export interface SignerStatus {
  readonly issuer: string;
  readonly serialNumber: string | null;
  readonly state: SignerState;
  readonly algorithm: SignatureAlgorithm | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly daysLeft: number | null;
  /** When it takes over from the one that signs now, if it is the next to do so. */
  readonly nextAt: string | null;
  readonly key: SignerKey | null;
  /** Why its certificate must not be used, with its file; null where it may. */
  readonly problem: string | null;
  readonly withdrawn: { readonly at: string; readonly by: string } | null;
}

interface SignerKey {
  readonly kind: "file" | "token";
  /** The file, or the URI. */
  readonly name: string;
  readonly isReachable: boolean;
  /** Why it cannot sign now. */
  readonly fault: string | null;
  /** Of one signing thread, as measured. */
  readonly signaturesPerSecond: number | null;
}

/** What `signer withdraw` does at once. */
export interface WithdrawalReport {
  readonly issuer: string;
  readonly serialNumber: string;
  /** The journal's; null where it was withdrawn already. */
  readonly sequence: number | null;
  /** Who signs instead, or null: then OCSP says tryLater until a reload brings one. */
  readonly signer: string | null;
  /** All records of the issuer: as many at most are signed anew. */
  readonly records: number;
  /** How long that takes at most, by the measured rate; null where it is not known. */
  readonly estimateSeconds: number | null;
}

/** How far the answers of an issuer's withdrawn signers have been replaced. */
export interface ReplacementProgress {
  readonly issuer: string;
  readonly records: number;
  readonly walked: number;
  readonly replaced: number;
  readonly isDone: boolean;
}
