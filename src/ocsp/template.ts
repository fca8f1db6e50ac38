import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { element, NULL, sequence } from "../der/writer.ts";
import { HASHES, type HashName } from "./hash.ts";

/** How answers are signed: the key's kind with SHA-256. */
export type SignatureAlgorithm = "ecdsaP256" | "rsaPkcs1";

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
  /** Octets of a signature as records keep it: r and s, or RSA's. */
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
}

/**
 * The AlgorithmIdentifiers of signatures: parameters absent for ECDSA (RFC 5758 3.2), NULL for RSA
 * PKCS#1 (RFC 4055 5).
 */
export const SIGNATURE_ALGORITHMS: Readonly<Record<SignatureAlgorithm, Uint8Array>> = {
  ecdsaP256: sequence(OIDS.ecdsaWithSHA256),
  rsaPkcs1: sequence(OIDS.sha256WithRSAEncryption, NULL),
};

/** The template for one issuer, signer and hash algorithm. */
export function answerTemplate(
  issuer: IssuerParts,
  signer: SignerParts,
  hash: HashName,
): AnswerTemplate {
  return {
    responderID: element(contextTag(2), element(Tag.octetString, signer.keyHash)),
    certIDHead: Buffer.concat([
      HASHES[hash].algorithmIdentifier,
      element(Tag.octetString, issuer.nameHash[hash]),
      element(Tag.octetString, issuer.keyHash[hash]),
    ]),
    signatureAlgorithm: SIGNATURE_ALGORITHMS[signer.algorithm],
    ecdsa: signer.algorithm === "ecdsaP256",
    certs: signer.direct ? new Uint8Array() : element(contextTag(0), sequence(signer.certificate)),
    archive: signer.archive,
    issuerNotBefore: issuer.notBefore,
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
