import type { KeyObject } from "node:crypto";
import type { KeyURI } from "../x509/key-uri.ts";
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { TokenSession } from "./pkcs11.ts";
import { TokenAway, TokenFault } from "./token-error.ts";
import { mechanismInput, mechanismOf } from "./token-mechanism.ts";
import { publicKeyOfToken } from "./token-public-key.ts";
import { keyText } from "./token-slot.ts";

/** The public key beside a private key in a token; a `TokenAway` or `TokenFault` where there is none. */
export function publicKeyInToken(uri: KeyURI): KeyObject {
  const session = TokenSession.open(uri, "anew");
  const told = session.publicKey();
  session.close();
  return publicKeyOfToken(told);
}

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
    const input = mechanismInput(this.#algorithm, octets);
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
    this.#compareKinds(this.#session);
    return this.#session.sign(mechanism, input, this.#size);
  }

  /** Tokens have no plain word for a key that is of another kind than what is asked of it. */
  #compareKinds({ isRSA }: TokenSession): void {
    const { family } = SIGNATURE_ALGORITHMS[this.#algorithm];
    const isAskedRSA = family === "pkcs1" || family === "pss";
    if (isRSA === isAskedRSA) return;
    throw new TokenFault(
      `the key is of another certificate: the token's key with ${keyText(this.#uri)} is ${isRSA ? "an" : "no"} RSA key, and the certificate's is ${isAskedRSA ? "one" : "not"}`,
    );
  }
}
