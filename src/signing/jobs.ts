import type { UnixSeconds } from "../der/time.ts";
import type { Fault } from "../ocsp/proof.ts";
import type { IssuerParts, SignerParts } from "../ocsp/template.ts";
import type { ReasonCode } from "../x509/reason.ts";

/*
 * What goes to a signing thread and what comes back: plain data. A key is named by its file and loaded in
 * the thread, never sent.
 */

/** What a signing thread is told when it starts. */
export interface SigningThread {
  /** As nice(1) has it: 0 to 19, higher gives way more. */
  readonly niceness: number;
  /** The library of the thread's token, and what its threads share of it. */
  readonly module?: { readonly path: string; readonly shared: SharedArrayBuffer };
}

/** A signer as jobs name it. */
export interface KeyRef {
  /** The private key's file, or its `pkcs11:` URI. */
  readonly keyFile: string;
  /** The certificate that the key must belong to. */
  readonly certificate: Uint8Array;
}

/** Answers to sign and prove: for each row, one for each hash in the record's mask. */
export interface AnswerJob extends KeyRef {
  readonly kind: "answers";
  readonly issuer: IssuerParts;
  readonly signer: SignerParts;
  /** Packed pairs: serialNumber and the record without signatures. */
  readonly rows: Uint8Array;
  /** What pkijs looks at besides, next to each new template: an answer of every row, or of the first. */
  readonly secondLook: "every" | "one";
}

/** Where signing or proof of a row failed. */
export interface RowFault {
  readonly row: number;
  readonly fault: Fault;
}

/** The rows' whole records, packed in their order; empty octets where there is a fault. */
export interface AnswerResult {
  readonly records: Uint8Array;
  readonly faults: readonly RowFault[];
  /** Signatures a second of this thread, proofs included; null where other things took much of the time. */
  readonly rate: number | null;
}

/** Answers to build, sign and prove because somebody asked: several CertIDs, a nonce, any hash. */
export interface LiveJob extends KeyRef {
  readonly kind: "live";
  readonly issuer: IssuerParts;
  readonly signer: SignerParts;
  /** Packed pairs, as `liveRow` makes them. */
  readonly rows: Uint8Array;
}

/** The rows' OCSPResponses as packed values in their order; empty octets where there is a fault. */
export interface LiveResult {
  readonly answers: Uint8Array;
  readonly faults: readonly RowFault[];
}

/** A CRL to build, sign and prove. */
export interface CRLJob extends KeyRef {
  readonly kind: "crl";
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly crlNumber: bigint;
  readonly expiredCertsOnCRL: UnixSeconds | undefined;
  /** What makes it a delta, a shard, or a full CRL with deltas (RFC 5280 5.2.4 to 5.2.6). */
  readonly baseCRLNumber: bigint | undefined;
  readonly issuingDistributionPoint: string | undefined;
  readonly freshestCRL: string | undefined;
  /** The reasons that it may give besides those of a revocation. */
  readonly moreReasons: readonly ReasonCode[];
  /** Of this scope's CRL that is published now, if any. */
  readonly previous: PreviousCRL | undefined;
  /** Pairs in key order: serialNumber and the row of `revoked`. */
  readonly rows: readonly Uint8Array[];
  /** Pairs likewise that stand in place of those of `rows`, or besides them; an empty value lists nothing. */
  readonly changes: readonly Uint8Array[];
  /** At least as many as `rows` and `changes` have. */
  readonly mostEntries: number;
}

/** The CRL that the new one follows. */
export interface PreviousCRL {
  readonly crlNumber: bigint;
  readonly thisUpdate: UnixSeconds;
  /** Its file's names, to be compared with; none where it is not to be. */
  readonly files: readonly string[];
  /** SHA-256 of the file in hexadecimal. */
  readonly sha256: string;
}

/** The CRL, in shared memory, and how it differs from the previous one; or the word for what is wrong with it. */
export type CRLResult = SignedCRL | { readonly fault: string };

export interface SignedCRL {
  readonly der: Uint8Array;
  readonly sha256: string;
  readonly entries: number;
  /** Nothing where no file of the previous CRL is what was published. */
  readonly difference: CRLDifference | undefined;
}

export interface CRLDifference {
  readonly added: number;
  /** Pairs: serialNumber, and the reason that the previous CRL gave. */
  readonly removed: readonly Uint8Array[];
}

/** Whether the key is there, belongs to the certificate, and signs. */
export interface ProbeJob extends KeyRef {
  readonly kind: "probe";
}

/**
 * What a probe finds: signatures a second of one thread; or that a token cannot be reached, which may pass by
 * itself; or that something is wrong, which a person has to put right.
 */
export type Probed =
  | { readonly state: "signs"; readonly rate: number }
  | { readonly state: "away" | "unusable"; readonly fault: string };

/** The public key of a key in a token that has no certificate yet. */
export interface PublicKeyJob {
  readonly kind: "publicKey";
  readonly keyFile: string;
}

/** The signature of a request for such a key's certificate. */
export interface RequestJob {
  readonly kind: "request";
  readonly keyFile: string;
  /** CertificationRequestInfo (RFC 2986 4.1) in DER: of this very key. */
  readonly info: Uint8Array;
}

export type Job = AnswerJob | LiveJob | CRLJob | ProbeJob | PublicKeyJob | RequestJob;

/** What each kind of job comes to. Keys are SubjectPublicKeyInfo in DER; signatures of ECDSA r and s. */
export interface JobResults {
  readonly answers: AnswerResult;
  readonly live: LiveResult;
  readonly crl: CRLResult;
  readonly probe: Probed;
  readonly publicKey: Uint8Array;
  readonly request: Uint8Array;
}

/** Signing as its users see it; the pool stands behind it. A rejection means that the key cannot be used. */
export interface Signing {
  answers(job: Omit<AnswerJob, "kind">, priority: "urgent" | "bulk"): Promise<AnswerResult>;
  live(job: Omit<LiveJob, "kind">): Promise<LiveResult>;
  crl(job: Omit<CRLJob, "kind">): Promise<CRLResult>;
  probe(key: KeyRef): Promise<Probed>;
}

/** For what relying parties wait for, for revocations, and for all else. */
export type Urgency = "bulk" | "live" | "urgent";

/** Threads that share their fate: those of all key files, or of one token, which may hang. */
export interface SigningThreads {
  run<J extends Job>(urgency: Urgency, job: J): Promise<JobResults[J["kind"]]>;
  close(): Promise<void>;
}
