import type { UnixSeconds } from "../der/time.ts";
import type { Fault } from "../ocsp/proof.ts";
import type { IssuerParts, SignerParts } from "../ocsp/template.ts";

/*
 * What goes to a signing thread and what comes back: plain data. A key is named by its file and loaded in
 * the thread, never sent.
 */

/** What a signing thread is told when it starts. */
export interface SigningThread {
  /** As nice(1) has it: 0 to 19, higher gives way more. */
  readonly niceness: number;
}

/** A signer as jobs name it. */
export interface KeyRef {
  /** The private key's file. */
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

/** A full CRL to build, sign and prove. */
export interface CRLJob extends KeyRef {
  readonly kind: "crl";
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly crlNumber: bigint;
  /** Of the CRL that is published now, if any. */
  readonly previous: { readonly crlNumber: bigint; readonly thisUpdate: UnixSeconds } | undefined;
  readonly expiredCertsOnCRL: UnixSeconds | undefined;
  /** Packed pairs: serialNumber and the row of `revoked`, in key order. */
  readonly rows: Uint8Array;
}

/** The CRL, or the word for what is wrong with it. */
export type CRLResult = { readonly der: Uint8Array } | { readonly fault: string };

/** Whether the key is there and belongs to the certificate. */
export interface ProbeJob extends KeyRef {
  readonly kind: "probe";
}

export type Job = AnswerJob | LiveJob | CRLJob | ProbeJob;

/** Signing as its users see it; the pool stands behind it. A rejection means that the key cannot be used. */
export interface Signing {
  answers(job: Omit<AnswerJob, "kind">, priority: "urgent" | "bulk"): Promise<AnswerResult>;
  live(job: Omit<LiveJob, "kind">): Promise<LiveResult>;
  crl(job: Omit<CRLJob, "kind">): Promise<CRLResult>;
  probe(key: KeyRef): Promise<void>;
}
