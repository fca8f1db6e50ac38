import type { KeyObject } from "node:crypto";
import type { KeyURI } from "../x509/key-uri.ts";
import {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  signatureSize,
} from "../x509/signature-algorithm.ts";
import { verifyFixed } from "./fixed-length.ts";
import { TokenAway, TokenFault } from "./token-error.ts";
import { mechanismInput, mechanismOf } from "./token-mechanism.ts";
import { publicKeyOfToken } from "./token-public-key.ts";
import { type KeyHandle, TokenSession } from "./token-session.ts";
import { keyText } from "./token-slot.ts";

const SAMPLE = Buffer.from("vouch: is this the key of the certificate?");

/** The public key beside a private key in a token; a `TokenAway` or `TokenFault` where there is none. */
export function publicKeyInToken(uri: KeyURI): KeyObject {
  return publicKeyOfToken(TokenSession.of(uri).publicKey(uri));
}

/** A private key in a token, by this thread's own session; a session that is lost is opened again. */
export class TokenKey {
  readonly #uri: KeyURI;
  readonly #algorithm: SignatureAlgorithm;
  readonly #publicKey: KeyObject;
  /** Of a signature, in octets. */
  readonly #size: number;
  /** The key as the session knows it in which it was found. */
  #found: { readonly session: TokenSession; readonly handle: KeyHandle } | undefined;

  /** The private key of `publicKey`, which is looked for when it is first needed. */
  constructor(uri: KeyURI, algorithm: SignatureAlgorithm, publicKey: KeyObject) {
    this.#uri = uri;
    this.#algorithm = algorithm;
    this.#publicKey = publicKey;
    this.#size = signatureSize(algorithm, publicKey);
  }

  /** Looks for the key; a `TokenAway` or `TokenFault` where it is not there or another's. */
  find(): void {
    this.#with((session) => this.#handleIn(session));
  }

  /** Looks for it in a session that is opened now: where one that is open works, others may not open any more. */
  findAnew(): void {
    TokenSession.renew(this.#uri);
    this.find();
  }

  /** Signs the octets; ECDSA as r and s. A `TokenAway` or `TokenFault` where the token does not. */
  sign(octets: Uint8Array): Buffer {
    return this.#with((session) => this.#sign(session, this.#handleIn(session), octets));
  }

  /** Where the session was lost with its token, once more with another: that shows what it is. */
  #with<T>(work: (session: TokenSession) => T): T {
    const session = TokenSession.of(this.#uri);
    try {
      return work(session);
    } catch (error) {
      // CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED, CKR_KEY_HANDLE_INVALID and the like.
      if (!(error instanceof TokenAway)) throw error;
      session.close();
      return work(TokenSession.of(this.#uri));
    }
  }

  #sign(session: TokenSession, handle: KeyHandle, octets: Uint8Array): Buffer {
    return session.sign(handle, {
      mechanism: mechanismOf(this.#algorithm),
      octets: mechanismInput(this.#algorithm, octets),
      size: this.#size,
    });
  }

  /** Another key may have come in its place while no session was open: each time it is found, it is tried. */
  #handleIn(session: TokenSession): KeyHandle {
    if (this.#found?.session === session) return this.#found.handle;
    const handle = session.privateKey(this.#uri);
    this.#compareKinds(session.isRSA(handle));
    const signer = { publicKey: this.#publicKey, algorithm: this.#algorithm };
    if (!verifyFixed(signer, SAMPLE, this.#sign(session, handle, SAMPLE))) {
      throw new TokenFault(
        `the token's key with ${keyText(this.#uri)} is of another certificate: it does not sign as this one's does`,
      );
    }
    this.#found = { session, handle };
    return handle;
  }

  /** Tokens have no plain word for a key that is of another kind than what is asked of it. */
  #compareKinds(isRSA: boolean): void {
    const { family } = SIGNATURE_ALGORITHMS[this.#algorithm];
    const isAskedRSA = family === "pkcs1" || family === "pss";
    if (isRSA === isAskedRSA) return;
    throw new TokenFault(
      `the key is of another certificate: the token's key with ${keyText(this.#uri)} is ${isRSA ? "an" : "no"} RSA key, and the certificate's is ${isAskedRSA ? "one" : "not"}`,
    );
  }
}
