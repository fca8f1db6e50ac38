import { createRequire } from "node:module";
import type * as Pkcs11 from "pkcs11js";
import type { KeyURI } from "../x509/key-uri.ts";
import { gateOf } from "./module-gate.ts";
import { called, TokenAway, TokenFault, tokenError } from "./token-error.ts";
import type { Mechanism } from "./token-mechanism.ts";
import type { TokenPublicKey } from "./token-public-key.ts";
import { isNamedBy, keyText, missingText, tokenText } from "./token-slot.ts";

type Library = Pkcs11.PKCS11;

/** A signature that takes longer never comes: an officer waits for it. */
const LONGEST_SIGN_SECONDS = 5;

/** Of this thread, by the library's file. */
const libraries = new Map<string, Library>();

let loadedPackage: typeof Pkcs11 | undefined;

/** The package is optional: it is built where it is installed, which takes a compiler. */
function pkcs11js(): typeof Pkcs11 {
  try {
    loadedPackage ??= createRequire(import.meta.url)("pkcs11js") as typeof Pkcs11;
    return loadedPackage;
  } catch {
    throw new TokenFault(
      "the package pkcs11js is not installed, for want of a compiler: apt install g++ make python3, then npm ci",
    );
  }
}

/** A session with a token of one thread: logged in, its key found. */
export class TokenSession {
  readonly #uri: KeyURI;
  readonly #library: Library;
  readonly #handle: Buffer;
  readonly #key: Buffer;

  private constructor(uri: KeyURI, library: Library, handle: Buffer, key: Buffer) {
    this.#uri = uri;
    this.#library = library;
    this.#handle = handle;
    this.#key = key;
  }

  /** Opens one; `library` says whether a library that does not see the token is initialised anew. */
  static open(uri: KeyURI, library: "asItIs" | "anew"): TokenSession {
    const { modulePath } = uri;
    const gate = gateOf(modulePath);
    try {
      return gate.use(() => TokenSession.#open(uri));
    } catch (error) {
      if (library === "asItIs" || !(error instanceof TokenAway)) throw error;
      gate.alone(() => initialiseAnew(modulePath));
      return gate.use(() => TokenSession.#open(uri));
    }
  }

  static #open(uri: KeyURI): TokenSession {
    const library = initialised(uri.modulePath);
    const slot = slotOf(library, uri);
    const handle = called("C_OpenSession", () =>
      library.C_OpenSession(slot, pkcs11js().CKF_SERIAL_SESSION),
    );
    try {
      logIn(library, handle, uri);
      return new TokenSession(uri, library, handle, findKey(library, handle, uri));
    } catch (error) {
      closeSession(library, handle);
      throw error;
    }
  }

  /** Signs; the octets are what the mechanism takes. A signature takes at most `size` octets. */
  sign(mechanism: Mechanism, octets: Buffer, size: number): Buffer {
    const sign = (): Buffer => {
      const { pss, ...plain } = mechanism;
      const parameter = pss && { type: pkcs11js().CK_PARAMS_RSA_PSS, ...pss };
      this.#library.C_SignInit(
        this.#handle,
        { ...plain, ...(parameter && { parameter }) },
        this.#key,
      );
      return Buffer.from(this.#library.C_Sign(this.#handle, octets, Buffer.alloc(size)));
    };
    return gateOf(this.#uri.modulePath).use(() => called("C_Sign", sign), LONGEST_SIGN_SECONDS);
  }

  /** Whether the key is RSA: what else it may be, tokens do not all call by the same name. */
  get isRSA(): boolean {
    const { CKA_KEY_TYPE, CKK_RSA } = pkcs11js();
    const [kind] = gateOf(this.#uri.modulePath).use(() =>
      called("C_GetAttributeValue", () => this.#attributes(this.#key, CKA_KEY_TYPE)),
    );
    return kind?.readUInt32LE() === CKK_RSA;
  }

  /** The public key beside the private one. */
  publicKey(): TokenPublicKey {
    return gateOf(this.#uri.modulePath).use(() => {
      const key = findKey(this.#library, this.#handle, this.#uri, "public");
      return called("C_GetAttributeValue", () => this.#readPublicKey(key));
    });
  }

  #readPublicKey(key: Buffer): TokenPublicKey {
    const cryptoki = pkcs11js();
    if (this.isRSA) {
      const { CKA_MODULUS, CKA_PUBLIC_EXPONENT } = cryptoki;
      const [modulus, publicExponent] = this.#attributes(key, CKA_MODULUS, CKA_PUBLIC_EXPONENT);
      return { modulus, publicExponent } as TokenPublicKey;
    }
    const [ecParams, ecPoint] = this.#attributes(
      key,
      cryptoki.CKA_EC_PARAMS,
      cryptoki.CKA_EC_POINT,
    );
    return { ecParams, ecPoint } as TokenPublicKey;
  }

  #attributes(object: Buffer, ...types: number[]): Buffer[] {
    return this.#library
      .C_GetAttributeValue(
        this.#handle,
        object,
        types.map((type) => ({ type })),
      )
      .map(({ value }) => Buffer.from(value as Buffer));
  }

  close(): void {
    gateOf(this.#uri.modulePath).use(() => closeSession(this.#library, this.#handle));
  }
}

function initialised(modulePath: string): Library {
  return gateOf(modulePath).start.alone(() => {
    const library = libraries.get(modulePath) ?? loadLibrary(modulePath);
    initialise(library);
    return library;
  });
}

function loadLibrary(modulePath: string): Library {
  const library = new (pkcs11js().PKCS11)();
  try {
    library.load(modulePath);
  } catch (error) {
    throw new TokenFault(`${modulePath} cannot be loaded: ${(error as Error).message}`);
  }
  libraries.set(modulePath, library);
  return library;
}

function initialise(library: Library): void {
  try {
    library.C_Initialize({ flags: pkcs11js().CKF_OS_LOCKING_OK });
  } catch (error) {
    // Another thread has done so: the library is one in the process.
    if (codeOf(error) === pkcs11js().CKR_CRYPTOKI_ALREADY_INITIALIZED) return;
    throw new TokenAway(`C_Initialize failed: ${(error as Error).message}`);
  }
}

/** Some libraries see a token that came back only when they are initialised anew. */
function initialiseAnew(modulePath: string): void {
  const library = libraries.get(modulePath);
  if (!library) return;
  try {
    library.C_Finalize();
  } catch {
    // It was not initialised.
  }
  initialise(library);
}

function slotOf(library: Library, uri: KeyURI): Buffer {
  const slots = called("C_GetSlotList", () => library.C_GetSlotList(true));
  const found = slots.filter((slot) => isAsked(library, slot, uri));
  const [only, ...others] = found;
  if (!only) throw new TokenAway(`no slot has ${tokenText(uri)}`);
  if (others.length > 0) throw new TokenFault(`several slots have ${tokenText(uri)}`);
  return only;
}

function isAsked(library: Library, slot: Buffer, uri: KeyURI): boolean {
  if (uri.slotID !== undefined && slot.readUInt32LE() !== uri.slotID) return false;
  try {
    return isNamedBy(uri, library.C_GetTokenInfo(slot));
  } catch {
    return false;
  }
}

function logIn(library: Library, session: Buffer, { modulePath, pinFile }: KeyURI): void {
  if (pinFile === undefined) return;
  gateOf(modulePath).pins.logIn(pinFile, (pin) => {
    try {
      library.C_Login(session, pkcs11js().CKU_USER, pin);
      return "in";
    } catch (error) {
      const cryptoki = pkcs11js();
      const { CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE } = cryptoki;
      const refusals = [CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE];
      if (refusals.includes(codeOf(error) ?? 0)) return "refused";
      if (codeOf(error) === cryptoki.CKR_USER_ALREADY_LOGGED_IN) return "in";
      throw tokenError("C_Login", error as Error);
    }
  });
}

function findKey(
  library: Library,
  session: Buffer,
  uri: KeyURI,
  kind: "private" | "public" = "private",
): Buffer {
  const { CKA_CLASS, CKA_LABEL, CKA_ID, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY } = pkcs11js();
  const { object, id } = uri;
  const found = called("C_FindObjects", () => {
    library.C_FindObjectsInit(session, [
      { type: CKA_CLASS, value: kind === "private" ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY },
      ...(object === undefined ? [] : [{ type: CKA_LABEL, value: object }]),
      ...(id === undefined ? [] : [{ type: CKA_ID, value: id }]),
    ]);
    const handles = library.C_FindObjects(session, 2);
    library.C_FindObjectsFinal(session);
    return handles;
  });
  const [only, ...others] = found;
  if (!only) throw new TokenFault(missingText(kind, uri));
  if (others.length > 0)
    throw new TokenFault(`the token has several ${kind} keys with ${keyText(uri)}`);
  return only;
}

function closeSession(library: Library, session: Buffer): void {
  try {
    library.C_CloseSession(session);
  } catch {
    // It went with its token.
  }
}

function codeOf(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}
