import type { ReasonName } from "../x509/reason.ts";
import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";

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
 *   GET  /crls?issuer={issuer}                           → PublishedCRL[]
 *   GET  /signers?issuer={issuer}                        → SignerStatus[]
 *   POST /signers/{issuer}/{serial}/withdraw  {by}       → WithdrawalReport
 *   GET  /signers/{issuer}/replacement                   → ReplacementProgress
 *   GET  /stats                                          → Stats
 *   POST /reload                         {by}            → {}
 *   POST /clock/accept                   {by}            → ClockReport
 *
 * A failure is an ErrorDocument with status 400 (what was asked cannot be), 404 (no such issuer or
 * certificate), 409 (refused) or 500. `by` is the name of the user who asks.
 */

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

/** One certificate of an import, from whatever format. */
export interface ImportRow {
  readonly serialNumber: string;
  /** Null where the source does not say: kept as it is, or for ever. */
  readonly notAfter: string | null;
  readonly status: "good" | "revoked" | "hold";
  readonly reason: ReasonName | null;
  readonly revocationDate: string | null;
  readonly invalidityDate: string | null;
  /** A certificate says only that it was issued: a revocation that is known stands beside it. */
  readonly claims?: "issuance" | undefined;
  /** Where it came from, for `bad`. */
  readonly file: string;
  readonly line: number;
}

/** At most 1,000 rows, sorted by the octets of their serial number, none twice. */
export interface ImportBatch {
  readonly rows: readonly ImportRow[];
  readonly by: string;
  /** Tell what would be, change nothing. */
  readonly dryRun: boolean;
}

/** A line that cannot be imported. For certificates, `line` is the number of the certificate's first line (1 in DER). */
export interface BadLine {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface ImportReport {
  readonly read: number;
  readonly added: number;
  readonly unchanged: number;
  readonly changed: number;
  readonly bad: readonly BadLine[];
}

/**
 * A part of the CA's list, sorted by the octets of serial numbers, none twice, and between which two it lies:
 * after `after` up to and with `until`, null for the ends of all.
 */
export interface ReconcileBatch {
  readonly after: string | null;
  readonly until: string | null;
  /** Status null: the list says only that the certificate was issued. */
  readonly rows: readonly { serialNumber: string; status: "good" | "revoked" | "hold" | null }[];
}

/** What differs in a part; of each kind all are counted, and the first thousand named. */
export interface ReconcilePart {
  readonly records: number;
  readonly missingHere: { readonly count: number; readonly named: readonly string[] };
  readonly missingThere: { readonly count: number; readonly named: readonly string[] };
  readonly differing: {
    readonly count: number;
    readonly named: readonly { serialNumber: string; here: string; there: string }[];
  };
}

/** What differs in all, for the metrics. */
export interface Reconciled {
  readonly missingHere: number;
  readonly missingThere: number;
  readonly differing: number;
}

/** Which CRLs to issue; the answer begins with the full one, or with the delta where only that is asked for. */
export interface IssueRequest {
  readonly by: string;
  readonly kinds: "all" | "delta";
  /** Why to publish what the gate would refuse, or null. */
  readonly force: string | null;
  /** `last`: in force for ever, and none is issued after them. */
  readonly ends: "inTime" | "last";
}

/** What importing a CRL came to. */
export interface CRLImportReport extends ImportReport {
  /** What the operator should know although it was imported. */
  readonly warnings: readonly string[];
}

/** One CRL that was published, as `crl list` and `crl issue` print it. */
export interface PublishedCRL {
  readonly issuer: string;
  readonly scope: string;
  /** Decimal. */
  readonly crlNumber: string;
  readonly baseCRLNumber: string | null;
  readonly thisUpdate: string;
  readonly nextUpdate: string;
  readonly entries: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Absolute. */
  readonly file: string;
  /** Why it was not published, or null. */
  readonly refused: string | null;
}

/** What a signer is doing. A key that fails now is tried again by itself. */
export type SignerState =
  | "signs"
  | "standsBy"
  | "notYetValid"
  | "expired"
  | "keyFault"
  | "withdrawn";

/** One signer of OCSP answers, as `signer list` prints it. What is not known of a former signer is null. */
export interface SignerStatus {
  readonly issuer: string;
  readonly serialNumber: string;
  readonly state: SignerState;
  readonly algorithm: SignatureAlgorithm | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly daysLeft: number | null;
  /** When it takes over from the one that signs now, if it is the next to do so. */
  readonly nextAt: string | null;
  readonly key: SignerKey | null;
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

export interface IssuerStats {
  readonly issuer: string;
  readonly records: Readonly<Record<"good" | "revoked" | "hold" | "expired", number>>;
  readonly unsigned: number;
  readonly oldestAnswerAgeSeconds: number | null;
  readonly earliestNextUpdate: string | null;
  readonly signer: { readonly serialNumber: string; readonly notAfter: string } | null;
  readonly crl: PublishedCRL | null;
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
  readonly issuers: readonly IssuerStats[];
}
