import { type KeyObject, verify } from "node:crypto";
import { OIDS } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import type { Certificate } from "./certificate.ts";

/** What looking at a signature can end in. */
export type SignatureVerdict = "verified" | "notVerified" | "unknownAlgorithm";

interface SignatureAlgorithm {
  readonly keyType: "rsa" | "ec" | "ed25519";
  /** Absent where the scheme hashes by itself. */
  readonly hash?: "sha1" | "sha256" | "sha384" | "sha512";
}

const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  (
    [
      [OIDS.sha1WithRSAEncryption, { keyType: "rsa", hash: "sha1" }],
      [OIDS.sha256WithRSAEncryption, { keyType: "rsa", hash: "sha256" }],
      [OIDS.sha384WithRSAEncryption, { keyType: "rsa", hash: "sha384" }],
      [OIDS.sha512WithRSAEncryption, { keyType: "rsa", hash: "sha512" }],
      [OIDS.ecdsaWithSHA256, { keyType: "ec", hash: "sha256" }],
      [OIDS.ecdsaWithSHA384, { keyType: "ec", hash: "sha384" }],
      [OIDS.ecdsaWithSHA512, { keyType: "ec", hash: "sha512" }],
      [OIDS.ed25519, { keyType: "ed25519" }],
    ] as const
  ).map(([oid, algorithm]) => [oid.toString("latin1"), algorithm]),
);

/**
 * Whether `key` made the certificate's signature, which is all it says: names, validity and
 * constraints are the caller's. The key is made once with `createPublicKey` from the issuer's
 * subjectPublicKeyInfo. SHA-1 is verified, never made: old certificates have it.
 */
export function verifySignature(certificate: Certificate, key: KeyObject): SignatureVerdict {
  const algorithm = ALGORITHMS.get(signatureOid(certificate).toString("latin1"));
  if (!algorithm) return "unknownAlgorithm";
  if (key.asymmetricKeyType !== algorithm.keyType) return "notVerified";
  const isRight = verify(algorithm.hash ?? null, certificate.tbs, key, certificate.signature);
  return isRight ? "verified" : "notVerified";
}

/** The signature algorithm's OBJECT IDENTIFIER, as a whole element. */
export function signatureOid(certificate: Pick<Certificate, "signatureAlgorithm">): Buffer {
  const reader = new DerReader(certificate.signatureAlgorithm, "AlgorithmIdentifier");
  reader.open(Tag.sequence);
  return Buffer.from(reader.element(Tag.oid));
}
