import type { Problem } from "../config/config.ts";
import type { ReasonName } from "../x509/reason.ts";
import type { PublishedCRL } from "./admin-crl-types.ts";

/*
 * What the command and the authority say to each other: JSON over HTTP on the admin socket.
 *
 *   POST /revoke                         RevokeRequest   → ChangeReport
 *   POST /hold                           HoldRequest     → ChangeReport
 *   POST /release                        ReleaseRequest  → ChangeReport
 *   GET  /certificates/{issuer}/{serial}[?at={time}]     → CertificateStatus
 *   GET  /certificates/{issuer}/{serial}/history         → HistoryEntry[]
 *   POST /import/{issuer}                ImportBatch     → ImportReport
 *   POST /reconcile/{issuer}             ReconcileBatch  → ReconcilePart
 *   POST /reconciled/{issuer}            Reconciled      → {}
 *   POST /import/{issuer}/crl?name&by&dryRun  a CRL's octets → CRLImportReport
 *   POST /crls/{issuer}                  IssueRequest    → PublishedCRL[]
 *   GET  /crls?issuer={issuer}                           → ListedCRL[]
 *   GET  /signers?issuer={issuer}                        → SignerStatus[]
 *   POST /signers/{issuer}/{serial}/withdraw  {by}       → WithdrawalReport
 *   GET  /signers/{issuer}/replacement                   → ReplacementProgress
 *   GET  /stats                                          → Stats
 *   POST /reload                         {by}            → ReloadReport
 *   GET  /clock                                          → ClockOutlook
 *   POST /clock/accept                   {by}            → ClockReport
 *
 * A failure is an ErrorDocument with status 400 (what was asked cannot be), 404 (no such issuer or
 * certificate), 409 (refused) or 500. `by` is the name of the user who asks.
 */

/** Of the reference and the agency of a change of status, in UTF-16 units. */
export const LONGEST_GROUND = 1_000;

/** Codes of errors that a command ends with; `error.code` of the JSON document. */
export type ErrorCode =
  | "usage"
  | "configuration"
  | "unknownIssuer"
  | "unknownCertificate"
  | "authorityUnreachable"
  | "alreadyRunning"
  | "reasonRefused"
  | "holdRefused"
  | "statusFromCRL"
  | "alreadyRevoked"
  | "badTime"
  | "notRecorded"
  | "badFile"
  | "signingFailed"
  | "noCRL"
  | "clockStopped"
  | "storeMissing"
  | "storeDamaged"
  | "internal";

/** What a reload left as it was: problems of signers that stood before it. */
export interface ReloadReport {
  readonly amiss: readonly Problem[];
}

/** What a command that could not run prints with `--json`. */
export interface ErrorDocument {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly do: string };
}

/** What all changes of status ask. Times are RFC 3339 UTC, serial numbers as `serialNumberText` gives them. */
export interface ChangeRequest {
  readonly issuer: string;
  readonly serialNumbers: readonly string[];
  readonly request: string | null;
  readonly agency: string | null;
  readonly by: string;
  readonly dryRun: boolean;
}

export interface RevokeRequest extends ChangeRequest {
  readonly reason: ReasonName;
  readonly revocationDate: string | null;
  readonly invalidityDate: string | null;
}

export interface HoldRequest extends ChangeRequest {
  readonly revocationDate: string | null;
}

export type ReleaseRequest = ChangeRequest;

/** What `revoke`, `hold` and `release` print. */
export interface ChangeReport {
  readonly changed: number;
  /** How many were found revoked, and so stay; where that refuses what was asked they are in `refused`, too. */
  readonly alreadyRevoked: number;
  readonly refused: readonly { serialNumber: string; code: ErrorCode; message: string }[];
  /** Recorded, but signing or proof failed: OCSP says tryLater until the sweep succeeds. */
  readonly unsigned: readonly string[];
  /** The last journal sequence that was written, or null. */
  readonly sequence: number | null;
}

export interface AnswerTimes {
  readonly hash: "sha1" | "sha256";
  /** The signer's certificate's serial number. */
  readonly signer: string;
  readonly thisUpdate: string;
  readonly nextUpdate: string;
}

/** What `status` prints. */
export interface CertificateStatus {
  readonly issuer: string;
  readonly serialNumber: string;
  readonly status: "good" | "revoked" | "hold" | "unissued" | "expired";
  /** What OCSP says; null where it says `unauthorized`. */
  readonly certStatus: "good" | "revoked" | "unknown" | null;
  readonly reason: ReasonName | null;
  readonly revocationDate: string | null;
  readonly invalidityDate: string | null;
  readonly notAfter: string | null;
  readonly answers: readonly AnswerTimes[];
}

/** One event on a certificate, as `history` prints it. */
export interface HistoryEntry {
  readonly sequence: number;
  /** When it was recorded. */
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly reason: string | null;
  readonly request: string | null;
  readonly agency: string | null;
}

export interface IssuerStats {
  readonly issuer: string;
  readonly records: Readonly<Record<"good" | "revoked" | "hold" | "expired", number>>;
  readonly unsigned: number;
  readonly oldestAnswerAgeSeconds: number | null;
  readonly earliestNextUpdate: string | null;
  readonly signer: { readonly serialNumber: string; readonly notAfter: string } | null;
  readonly crl: PublishedCRL | null;
}

/** What `clock accept` would bring, as `clock accept --dry-run` prints it. */
export interface ClockOutlook {
  /** Whether there is a stop of signing to end. */
  readonly isStopped: boolean;
  readonly clock: string;
  readonly expected: string;
  /** What to think of before; each a sentence. */
  readonly warnings: readonly string[];
}

/** What `clock accept` prints. */
export interface ClockReport {
  /** 1 where it ended a stop of signing, 0 where there was none. */
  readonly changed: 0 | 1;
  readonly clock: string;
  /** What the clock should have said, by the time that passed since it was last trusted. */
  readonly expected: string;
  readonly sequence: number | null;
}

/** What `stats` prints. */
export interface Stats {
  readonly version: string;
  readonly startedAt: string;
  readonly sequence: number;
  readonly storeBytes: number;
  readonly sweepPosition: number;
  /** What keeps it from its work, such as a stopped clock, with what to do. */
  readonly warnings: readonly string[];
  readonly issuers: readonly IssuerStats[];
}
