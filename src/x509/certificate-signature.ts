import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from "node:crypto";
import { OIDS, sameOctets } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import type { Certificate } from "./certificate.ts";
import { readPssParameters } from "./pss-parameters.ts";

/** What looking at a signature can end in. */
export type SignatureVerdict = "verified" | "notVerified" | "unknownAlgorithm";

/** How a signature is verified with node:crypto. */
export interface Scheme {
  readonly keyTypes: readonly string[];
  /** Absent where the scheme hashes by itself. */
  readonly hash?: string;
  /** Of RSASSA-PSS alone. */
  readonly saltLength?: number;
}

const RSA = ["rsa"];
const SCHEMES: ReadonlyMap<string, Scheme> = new Map(
  (
    [
      [OIDS.sha1WithRSAEncryption, { keyTypes: RSA, hash: "sha1" }],
      [OIDS.sha224WithRSAEncryption, { keyTypes: RSA, hash: "sha224" }],
      [OIDS.sha256WithRSAEncryption, { keyTypes: RSA, hash: "sha256" }],
      [OIDS.sha384WithRSAEncryption, { keyTypes: RSA, hash: "sha384" }],
      [OIDS.sha512WithRSAEncryption, { keyTypes: RSA, hash: "sha512" }],
      [OIDS.ecdsaWithSHA1, { keyTypes: ["ec"], hash: "sha1" }],
      [OIDS.ecdsaWithSHA224, { keyTypes: ["ec"], hash: "sha224" }],
      [OIDS.ecdsaWithSHA256, { keyTypes: ["ec"], hash: "sha256" }],
      [OIDS.ecdsaWithSHA384, { keyTypes: ["ec"], hash: "sha384" }],
      [OIDS.ecdsaWithSHA512, { keyTypes: ["ec"], hash: "sha512" }],
      [OIDS.dsaWithSHA1, { keyTypes: ["dsa"], hash: "sha1" }],
      [OIDS.dsaWithSHA256, { keyTypes: ["dsa"], hash: "sha256" }],
      [OIDS.ed25519, { keyTypes: ["ed25519"] }],
      [OIDS.ed448, { keyTypes: ["ed448"] }],
      [OIDS.mlDsa44, { keyTypes: ["ml-dsa-44"] }],
      [OIDS.mlDsa65, { keyTypes: ["ml-dsa-65"] }],
      [OIDS.mlDsa87, { keyTypes: ["ml-dsa-87"] }],
    ] as const
  ).map(([oid, scheme]) => [oid.toString("latin1"), scheme]),
);

/** What a signature is over, and the signature; CRLs and OCSP answers have the same. */
export type Signed = Pick<Certificate, "tbs" | "signatureAlgorithm" | "signature">;

/**
 * Whether `key` made the certificate's signature, which is all it says: names, validity and
 * constraints are the caller's. The key is made once with `createPublicKey` from the issuer's
 * subjectPublicKeyInfo. SHA-1, SHA-224, DSA and Ed448 are verified, never made: what others signed has them.
 */
export function verifySignature(certificate: Signed, key: KeyObject): SignatureVerdict {
  const scheme = schemeOf(certificate);
  if (!scheme) return "unknownAlgorithm";
  if (!scheme.keyTypes.includes(key.asymmetricKeyType ?? "")) return "notVerified";
  const { hash = null, saltLength } = scheme;
  const signer = saltLength === undefined ? key : pssKey(key, saltLength);
  try {
    const isRight = verify(hash, certificate.tbs, signer, certificate.signature);
    return isRight ? "verified" : "notVerified";
  } catch {
    // An RSASSA-PSS key's own parameters forbid these (RFC 4055 3.3).
    return "notVerified";
  }
}

/** What node:crypto verifies RSASSA-PSS with. */
export function pssKey(key: KeyObject, saltLength: number): VerifyKeyObjectInput {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** How this signature is verified, or nothing for an algorithm that is not known. */
export function schemeOf(certificate: Pick<Signed, "signatureAlgorithm">): Scheme | undefined {
  const oid = signatureOid(certificate);
  if (!sameOctets(oid, OIDS.rsassaPss)) return SCHEMES.get(oid.toString("latin1"));
  const parameters = readPssParameters(certificate.signatureAlgorithm);
  return parameters && { keyTypes: ["rsa", "rsa-pss"], ...parameters };
}

/** The signature algorithm's OBJECT IDENTIFIER, as a whole element. */
export function signatureOid(certificate: Pick<Certificate, "signatureAlgorithm">): Buffer {
  const reader = new DerReader(certificate.signatureAlgorithm, "AlgorithmIdentifier");
  reader.open(Tag.sequence);
  return Buffer.from(reader.element(Tag.oid));
}
