import { hash } from "node:crypto";
import {
  DIGEST_SIZE,
  type Digest,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import { TokenFault } from "./token-error.ts";

/** How a token is asked to sign: numbers of PKCS #11 6.1, 6.3. */
export interface Mechanism {
  readonly mechanism: number;
  readonly pss?: { readonly hashAlg: number; readonly mgf: number; readonly saltLen: number };
}

const CKM_RSA_PKCS = 0x1;
const CKM_RSA_PKCS_PSS = 0xd;
const CKM_ECDSA = 0x1041;
const CKM_EDDSA = 0x1057;
/** CKM_SHA256 and CKG_MGF1_SHA256, and so on. */
const PSS_DIGESTS: Readonly<Record<Digest, { readonly hashAlg: number; readonly mgf: number }>> = {
  sha256: { hashAlg: 0x250, mgf: 2 },
  sha384: { hashAlg: 0x260, mgf: 3 },
  sha512: { hashAlg: 0x270, mgf: 4 },
};

/** DigestInfo of SHA-256 but for the digest (RFC 8017 9.2, note 1). */
const SHA256_DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** The mechanism of an algorithm; a `TokenFault` where tokens have none here. */
export function mechanismOf(algorithm: SignatureAlgorithm): Mechanism {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  switch (family) {
    case "pkcs1":
      return { mechanism: CKM_RSA_PKCS };
    case "pss": {
      const pss = { ...PSS_DIGESTS[digest as Digest], saltLen: DIGEST_SIZE[digest as Digest] };
      return { mechanism: CKM_RSA_PKCS_PSS, pss };
    }
    case "ecdsa":
      return { mechanism: CKM_ECDSA };
    case "pure":
      if (algorithm === "ed25519") return { mechanism: CKM_EDDSA };
      throw new TokenFault("keys in tokens are RSA, ECDSA or Ed25519 here, not ML-DSA");
  }
}

/** What the token is given to sign. Digests are made here: a CRL of 40 MB does not go to a token whole. */
export function mechanismInput(algorithm: SignatureAlgorithm, octets: Uint8Array): Buffer {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  if (digest === null) return Buffer.from(octets);
  const digested = hash(digest, octets, "buffer");
  return family === "pkcs1" ? Buffer.concat([SHA256_DIGEST_INFO, digested]) : digested;
}
