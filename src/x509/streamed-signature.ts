import { createVerify, type KeyObject, type Verify, verify } from "node:crypto";
import { pssKey, type Scheme, type SignatureVerdict, schemeOf } from "./certificate-signature.ts";

/**
 * Verifies a signature over octets that come in pieces, hashed as they come. Schemes that hash by
 * themselves (Ed25519, ML-DSA) want all of them at once: of those alone the pieces are kept.
 */
export class StreamedSignature {
  readonly #key: KeyObject;
  readonly #scheme: Scheme | undefined;
  readonly #hashing: Verify | undefined;
  readonly #kept: Uint8Array[] = [];

  /** `signatureAlgorithm` is the AlgorithmIdentifier, whole. */
  constructor(signatureAlgorithm: Uint8Array, key: KeyObject) {
    this.#key = key;
    this.#scheme = schemeOf({ signatureAlgorithm });
    this.#hashing = this.#scheme?.hash === undefined ? undefined : createVerify(this.#scheme.hash);
  }

  /** Takes the next octets; their buffer may be used again after the call. */
  update(octets: Uint8Array): void {
    if (this.#hashing) this.#hashing.update(octets);
    else if (this.#scheme) this.#kept.push(Uint8Array.from(octets));
  }

  /** Whether the key made this signature over all that came. */
  verdict(signature: Uint8Array): SignatureVerdict {
    const scheme = this.#scheme;
    if (!scheme) return "unknownAlgorithm";
    if (!scheme.keyTypes.includes(this.#key.asymmetricKeyType ?? "")) return "notVerified";
    try {
      return this.#isRight(scheme, signature) ? "verified" : "notVerified";
    } catch {
      // An RSASSA-PSS key's own parameters forbid these (RFC 4055 3.3).
      return "notVerified";
    }
  }

  #isRight({ saltLength }: Scheme, signature: Uint8Array): boolean {
    const key = saltLength === undefined ? this.#key : pssKey(this.#key, saltLength);
    if (this.#hashing) return this.#hashing.verify(key, signature);
    return verify(null, Buffer.concat(this.#kept), this.#key, signature);
  }
}
