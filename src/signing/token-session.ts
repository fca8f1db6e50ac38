import type { KeyURI } from "../x509/key-uri.ts";
import { initialised, isAsked, type Library, logIn, pkcs11js, slotOf } from "./pkcs11.ts";
import { type SharedModule, sharedModule } from "./shared-module.ts";
import { called, TokenAway, TokenFault } from "./token-error.ts";
import type { Mechanism } from "./token-mechanism.ts";
import type { TokenPublicKey } from "./token-public-key.ts";
import { keyText, missingText, tokenName } from "./token-slot.ts";

/** CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS (PKCS #11 5.6), which pkcs11js has no names for. */
const USER_FUNCTIONS: readonly number[] = [1, 3];
/** A signature that takes longer never comes: an officer waits for it. */
const LONGEST_SIGN_SECONDS = 5;

/** A key as a session knows it. */
export type KeyHandle = Buffer & { readonly isKeyHandle: unique symbol };

/** Of this thread, by their names. */
const sessions = new Map<string, TokenSession>();

/** This thread's session with a token, logged in: one for all keys there, since tokens have few to give. */
export class TokenSession {
  readonly #name: string;
  readonly #slot: Buffer;
  readonly #library: Library;
  readonly #module: SharedModule;
  readonly #handle: Buffer;

  private constructor(uri: KeyURI, slot: Buffer, library: Library) {
    this.#name = sessionName(uri);
    this.#slot = slot;
    this.#library = library;
    this.#module = sharedModule(uri.modulePath);
    const open = (): Buffer => library.C_OpenSession(slot, pkcs11js().CKF_SERIAL_SESSION);
    this.#handle = this.#module.call(() => called("C_OpenSession", open));
  }

  /** The session that is open, or a new one; a `TokenAway` or `TokenFault` where there can be none. */
  static of(uri: KeyURI): TokenSession {
    return sessions.get(sessionName(uri)) ?? TokenSession.#open(uri);
  }

  /** Puts a new session in the place of the one that is open, which keeps the login till then. */
  static renew(uri: KeyURI): void {
    const before = sessions.get(sessionName(uri));
    TokenSession.#open(uri);
    before?.close();
  }

  static #open(uri: KeyURI): TokenSession {
    const library = initialised(uri.modulePath);
    const session = new TokenSession(uri, slotOf(library, uri), library);
    try {
      logIn(library, session.#handle, uri);
    } catch (error) {
      session.close();
      throw error;
    }
    sessions.set(session.#name, session);
    return session;
  }

  /** The private key of a URI; a `TokenFault` where the token has none, or several. */
  privateKey(uri: KeyURI): KeyHandle {
    return this.#module.call(() => this.#find("private", uri));
  }

  /** Signs; the octets are what the mechanism takes. A signature takes at most `size` octets. */
  sign(
    key: KeyHandle,
    asked: { readonly mechanism: Mechanism; readonly octets: Buffer; readonly size: number },
  ): Buffer {
    const { pss, ...plain } = asked.mechanism;
    const parameter = pss && { type: pkcs11js().CK_PARAMS_RSA_PSS, ...pss };
    const mechanism = { ...plain, ...(parameter && { parameter }) };
    const signature = Buffer.alloc(asked.size);
    const sign = (): Buffer => {
      this.#library.C_SignInit(this.#handle, mechanism, key);
      return Buffer.from(this.#library.C_Sign(this.#handle, asked.octets, signature));
    };
    return this.#module.call(() => called("C_Sign", sign), LONGEST_SIGN_SECONDS);
  }

  /** Whether a key is RSA: what else it may be, tokens do not all call by the same name. */
  isRSA(key: Buffer): boolean {
    const { CKA_KEY_TYPE, CKK_RSA } = pkcs11js();
    return this.#attributes(key, CKA_KEY_TYPE)[0]?.readUInt32LE() === CKK_RSA;
  }

  /** The public key beside the private one. */
  publicKey(uri: KeyURI): TokenPublicKey {
    const { CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT } = pkcs11js();
    const key = this.#module.call(() => this.#find("public", uri));
    if (this.isRSA(key)) {
      const [modulus, publicExponent] = this.#attributes(key, CKA_MODULUS, CKA_PUBLIC_EXPONENT);
      return { modulus, publicExponent } as TokenPublicKey;
    }
    const [ecParams, ecPoint] = this.#attributes(key, CKA_EC_PARAMS, CKA_EC_POINT);
    return { ecParams, ecPoint } as TokenPublicKey;
  }

  /** This thread's next session is another. */
  close(): void {
    if (sessions.get(this.#name) === this) sessions.delete(this.#name);
    this.#module.call(() => {
      try {
        this.#library.C_CloseSession(this.#handle);
      } catch {
        // It went with its token.
      }
    });
  }

  #attributes(object: Buffer, ...types: number[]): Buffer[] {
    const template = types.map((type) => ({ type }));
    const read = (): ReturnType<Library["C_GetAttributeValue"]> =>
      this.#library.C_GetAttributeValue(this.#handle, object, template);
    const found = this.#module.call(() => called("C_GetAttributeValue", read));
    return found.map(({ value }) => Buffer.from(value as Buffer));
  }

  #find(kind: "private" | "public", uri: KeyURI): KeyHandle {
    const [only, ...others] = this.#objects(kind, uri);
    // A token that is being taken away, or that forgot the login, shows no key and reports no error.
    if (!only && !this.#showsAll(uri)) throw new TokenAway("the token was lost meanwhile");
    if (!only) throw new TokenFault(missingText(kind, uri));
    if (others.length > 0)
      throw new TokenFault(`the token has several ${kind} keys with ${keyText(uri)}`);
    return only as KeyHandle;
  }

  #objects(kind: "private" | "public", { object, id }: KeyURI): Buffer[] {
    const { CKA_CLASS, CKA_LABEL, CKA_ID, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY } = pkcs11js();
    return called("C_FindObjects", () => {
      this.#library.C_FindObjectsInit(this.#handle, [
        { type: CKA_CLASS, value: kind === "private" ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY },
        ...(object === undefined ? [] : [{ type: CKA_LABEL, value: object }]),
        ...(id === undefined ? [] : [{ type: CKA_ID, value: id }]),
      ]);
      const handles = this.#library.C_FindObjects(this.#handle, 2);
      this.#library.C_FindObjectsFinal(this.#handle);
      return handles;
    });
  }

  /** Whether the token is there and, where a PIN is given, logged in. */
  #showsAll(uri: KeyURI): boolean {
    try {
      const { state } = this.#library.C_GetSessionInfo(this.#handle);
      const isLoggedIn = USER_FUNCTIONS.includes(state);
      return isAsked(this.#library, this.#slot, uri) && (isLoggedIn || uri.pinFile === undefined);
    } catch {
      return false;
    }
  }
}

function sessionName(uri: KeyURI): string {
  return JSON.stringify([tokenName(uri), uri.pinFile]);
}
