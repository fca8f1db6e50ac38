import { contextTag, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { element, sequence } from "../der/writer.ts";
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import type { AnswerForm } from "./answer-form.ts";
import { HASHES, type HashName } from "./hash.ts";

/** An issuer as answers name it: hashes of its subject Name and of its key (RFC 6960 4.1.1). */
export interface IssuerParts {
  readonly nameHash: Readonly<Record<HashName, Uint8Array>>;
  readonly keyHash: Readonly<Record<HashName, Uint8Array>>;
  /** The CA certificate's notBefore: the archiveCutoff of `archive: forever`. */
  readonly notBefore: UnixSeconds;
}

/** A signer as answers name it. */
export interface SignerParts {
  /** The number that records refer to. */
  readonly number: number;
  readonly certificate: Uint8Array;
  /** SHA-1 of the signer's key: ResponderID byKey (RFC 6960 4.2.1). */
  readonly keyHash: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  /** Octets of a signature as records keep it, ECDSA's as r and s in fixed length. */
  readonly signatureSize: number;
  /** The CA's own key: no certificate in the answer. */
  readonly direct: boolean;
  readonly notAfter: UnixSeconds;
  /** The archiveCutoff rule of its answers; a changed rule makes another signer of the same certificate. */
  readonly archive: Archive;
}

/** For how long after expiry a status is given: for ever, or seconds (RFC 6960 4.4.4). */
export type Archive = "forever" | number;

/** All that the answers of one issuer, signer and hash algorithm have in common, as DER. */
export interface AnswerTemplate {
  readonly responderID: Uint8Array;
  /** hashAlgorithm, issuerNameHash and issuerKeyHash: a CertID but for its serialNumber. */
  readonly certIDHead: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly ecdsa: boolean;
  /** `[0] EXPLICIT SEQUENCE OF Certificate` with the delegate's alone, or nothing (RFC 9919 3.2.2). */
  readonly certs: Uint8Array;
  readonly archive: Archive;
  readonly issuerNotBefore: UnixSeconds;
  /** Forms of answers that have been made so far, by their shape. */
  readonly forms: Map<number, AnswerForm>;
}

/** The template for one issuer, signer and hash algorithm. */
export function answerTemplate(
  issuer: IssuerParts,
  signer: SignerParts,
  hash: HashName,
): AnswerTemplate {
  const { family, identifier } = SIGNATURE_ALGORITHMS[signer.algorithm];
  return {
    responderID: element(contextTag(2), element(Tag.octetString, signer.keyHash)),
    certIDHead: Buffer.concat([
      HASHES[hash].algorithmIdentifier,
      element(Tag.octetString, issuer.nameHash[hash]),
      element(Tag.octetString, issuer.keyHash[hash]),
    ]),
    signatureAlgorithm: identifier,
    ecdsa: family === "ecdsa",
    certs: signer.direct ? new Uint8Array() : element(contextTag(0), sequence(signer.certificate)),
    archive: signer.archive,
    issuerNotBefore: issuer.notBefore,
    forms: new Map(),
  };
}

/**
 * The archiveCutoff of an answer about a certificate that expired before `producedAt`, or nothing where
 * it has not: the CA's notBefore where status is kept for ever, else producedAt less the retention.
 */
export function archiveCutoff(
  archive: Archive,
  issuerNotBefore: UnixSeconds,
  notAfter: UnixSeconds | undefined,
  producedAt: UnixSeconds,
): UnixSeconds | undefined {
  if (notAfter === undefined || notAfter >= producedAt) return undefined;
  return archive === "forever" ? issuerNotBefore : producedAt - archive;
}

/** Whether a certificate expired longer ago than its status is kept. */
export function isForgotten(
  archive: Archive,
  notAfter: UnixSeconds | undefined,
  now: UnixSeconds,
): boolean {
  return archive !== "forever" && notAfter !== undefined && notAfter + archive < now;
}
