import { constants, type KeyObject, verify } from "node:crypto";
import { OIDS } from "../der/oids.ts";
import { contextTag } from "../der/reader.ts";
import { element, integer, NULL, sequence } from "../der/writer.ts";

/** How a key signs here: its kind, and the digest that goes with it. */
export type SignatureAlgorithm =
  | "rsaPkcs1"
  | "rsaPss256"
  | "rsaPss384"
  | "rsaPss512"
  | "ecdsaP256"
  | "ecdsaP384"
  | "ecdsaP521"
  | "ed25519"
  | "mlDsa44"
  | "mlDsa65"
  | "mlDsa87";

/** Digests under signatures, as node:crypto names them. */
export type Digest = "sha256" | "sha384" | "sha512";

/** What signing and verifying by one algorithm takes. */
export interface SignatureScheme {
  readonly family: "pkcs1" | "pss" | "ecdsa" | "pure";
  /** Null where the scheme takes the message whole. */
  readonly digest: Digest | null;
  /** AlgorithmIdentifier, whole. */
  readonly identifier: Uint8Array;
  /** Octets of a signature, ECDSA's as r and s in fixed length; an RSA signature is as long as the modulus. */
  readonly size: number | "modulus";
}

export const DIGEST_SIZE: Readonly<Record<Digest, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * The algorithms that answers and CRLs are signed with. Parameters are NULL for RSA PKCS #1 (RFC 4055 5),
 * whole for RSASSA-PSS (RFC 4055 3.1), absent for ECDSA (RFC 5758 3.2), Ed25519 (RFC 8410 3) and ML-DSA
 * (RFC 9881 2). An RSASSA-PSS salt is as long as the digest.
 */
export const SIGNATURE_ALGORITHMS: Readonly<Record<SignatureAlgorithm, SignatureScheme>> = {
  rsaPkcs1: {
    family: "pkcs1",
    digest: "sha256",
    identifier: sequence(OIDS.sha256WithRSAEncryption, NULL),
    size: "modulus",
  },
  rsaPss256: pss("sha256"),
  rsaPss384: pss("sha384"),
  rsaPss512: pss("sha512"),
  ecdsaP256: ecdsa("sha256", OIDS.ecdsaWithSHA256, 64),
  ecdsaP384: ecdsa("sha384", OIDS.ecdsaWithSHA384, 96),
  ecdsaP521: ecdsa("sha512", OIDS.ecdsaWithSHA512, 132),
  ed25519: pure(OIDS.ed25519, 64),
  mlDsa44: pure(OIDS.mlDsa44, 2420),
  mlDsa65: pure(OIDS.mlDsa65, 3309),
  mlDsa87: pure(OIDS.mlDsa87, 4627),
};

function ecdsa(digest: Digest, oid: Uint8Array, size: number): SignatureScheme {
  return { family: "ecdsa", digest, identifier: sequence(oid), size };
}

function pure(oid: Uint8Array, size: number): SignatureScheme {
  return { family: "pure", digest: null, identifier: sequence(oid), size };
}

/** RSASSA-PSS-params with MGF1 over the same digest; trailerField is left at its default. */
function pss(digest: Digest): SignatureScheme {
  const hash = sequence(OIDS[digest], NULL);
  const parameters = sequence(
    element(contextTag(0), hash),
    element(contextTag(1), sequence(OIDS.mgf1, hash)),
    element(contextTag(2), integer(DIGEST_SIZE[digest])),
  );
  const identifier = sequence(OIDS.rsassaPss, parameters);
  return { family: "pss", digest, identifier, size: "modulus" };
}

const SHORTEST_MODULUS = 2048;
const LONGEST_MODULUS = 4096;

/** The keys that sign here, for messages to operators. */
export const SIGNING_KEYS =
  "an RSA key of 2048 to 4096 bits (PKCS #1, or PSS with SHA-256, SHA-384 or SHA-512), ECDSA on P-256, P-384 or P-521, Ed25519, or ML-DSA-44, -65 or -87";

/** The algorithm that a public key's owner signs with, or nothing where it is not one of these. */
export function algorithmOfKey(key: KeyObject): SignatureAlgorithm | undefined {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") return CURVES[namedCurve];
  const isRsaLength = modulusLength >= SHORTEST_MODULUS && modulusLength <= LONGEST_MODULUS;
  if (key.asymmetricKeyType === "rsa") return isRsaLength ? "rsaPkcs1" : undefined;
  if (key.asymmetricKeyType === "rsa-pss") return isRsaLength ? pssOfKey(key) : undefined;
  return PURE[key.asymmetricKeyType ?? ""];
}

const CURVES: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: "ecdsaP256",
  secp384r1: "ecdsaP384",
  secp521r1: "ecdsaP521",
};

const PURE: Readonly<Record<string, SignatureAlgorithm>> = {
  ed25519: "ed25519",
  "ml-dsa-44": "mlDsa44",
  "ml-dsa-65": "mlDsa65",
  "ml-dsa-87": "mlDsa87",
};

const PSS: Readonly<Record<string, "rsaPss256" | "rsaPss384" | "rsaPss512">> = {
  sha256: "rsaPss256",
  sha384: "rsaPss384",
  sha512: "rsaPss512",
};

/**
 * Parameters in the key bind its signatures: these digests, and a salt of at least this length
 * (RFC 4055 3.3). A key without them leaves the choice; it signs with SHA-256.
 */
function pssOfKey(key: KeyObject): SignatureAlgorithm | undefined {
  const details = key.asymmetricKeyDetails ?? {};
  const { hashAlgorithm = "sha256", mgf1HashAlgorithm = hashAlgorithm, saltLength = 0 } = details;
  const algorithm = PSS[hashAlgorithm];
  if (!algorithm || mgf1HashAlgorithm !== hashAlgorithm) return undefined;
  return saltLength <= DIGEST_SIZE[hashAlgorithm as Digest] ? algorithm : undefined;
}

/** Octets of a signature by this key, ECDSA's as r and s in fixed length. */
export function signatureSize(algorithm: SignatureAlgorithm, key: KeyObject): number {
  const { size } = SIGNATURE_ALGORITHMS[algorithm];
  if (size !== "modulus") return size;
  // An RSA signature is as long as the modulus (RFC 8017 8.1.1, 8.2.1).
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** Whether `key` made this signature, as certificates, answers and CRLs carry it: ECDSA's as Ecdsa-Sig-Value. */
export function verifyOctets(
  algorithm: SignatureAlgorithm,
  octets: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  if (family !== "pss") return verify(digest, octets, key, signature);
  return verify(digest, octets, pssOptions(key, digest as Digest), signature);
}

/** What node:crypto is told to sign or verify RSASSA-PSS with. */
export function pssOptions(
  key: KeyObject,
  digest: Digest,
): { key: KeyObject; padding: number; saltLength: number } {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: DIGEST_SIZE[digest] };
}
