import { hash } from "node:crypto";
import type { KeyURI } from "../x509/key-uri.ts";
import {
  DIGEST_SIZE,
  type Digest,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import { type Mechanism, TokenSession } from "./pkcs11.ts";
import { TokenAway, TokenFault } from "./token-error.ts";

/** DigestInfo of SHA-256 but for the digest (RFC 8017 9.2, note 1). */
const SHA256_DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** A private key in a token, by this thread's own session; a session that is lost is opened again. */
export class TokenKey {
  readonly #uri: KeyURI;
  readonly #algorithm: SignatureAlgorithm;
  readonly #size: number;
  #session: TokenSession | undefined;

  /** `size` is a signature's, in octets. */
  constructor(uri: KeyURI, algorithm: SignatureAlgorithm, size: number) {
    this.#uri = uri;
    this.#algorithm = algorithm;
    this.#size = size;
  }

  /** Signs the octets; ECDSA as r and s. A `TokenAway` or `TokenFault` where the token does not. */
  sign(octets: Uint8Array, library: "asItIs" | "anew" = "asItIs"): Buffer {
    const mechanism = mechanismOf(this.#algorithm);
    const input = inputOf(this.#algorithm, octets);
    if (this.#session) {
      try {
        return this.#session.sign(mechanism, input, this.#size);
      } catch (error) {
        if (!(error instanceof TokenAway)) throw error;
        // CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED and the like: a new session shows what it is.
        this.#session.close();
        this.#session = undefined;
      }
    }
    this.#session = TokenSession.open(this.#uri, library);
    return this.#session.sign(mechanism, input, this.#size);
  }
}

function mechanismOf(algorithm: SignatureAlgorithm): Mechanism {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  switch (family) {
    case "pkcs1":
      return { name: "RSA_PKCS" };
    case "pss":
      return {
        name: "RSA_PKCS_PSS",
        digest: digest as Digest,
        saltLength: DIGEST_SIZE[digest as Digest],
      };
    case "ecdsa":
      return { name: "ECDSA" };
    case "pure":
      if (algorithm === "ed25519") return { name: "EDDSA" };
      throw new TokenFault("keys in tokens are RSA, ECDSA or Ed25519 here, not ML-DSA");
  }
}

/** Digests are made here: a CRL of 40 MB does not go to a token whole. */
function inputOf(algorithm: SignatureAlgorithm, octets: Uint8Array): Buffer {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  if (digest === null) return Buffer.from(octets);
  const digested = hash(digest, octets, "buffer");
  return family === "pkcs1" ? Buffer.concat([SHA256_DIGEST_INFO, digested]) : digested;
}
