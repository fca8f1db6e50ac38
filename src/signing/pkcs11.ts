import { createRequire } from "node:module";
import type * as Pkcs11 from "pkcs11js";
import type { KeyURI } from "../x509/key-uri.ts";
import type { Digest } from "../x509/signature-algorithm.ts";
import { ModuleGate } from "./module-gate.ts";
import { TokenAway, TokenFault } from "./token-error.ts";
import { readPin, refusePin } from "./token-pin.ts";

/** How a token is asked to sign (PKCS #11 6.1, 6.3). */
export type Mechanism =
  | { readonly name: "RSA_PKCS" | "ECDSA" | "EDDSA" }
  | { readonly name: "RSA_PKCS_PSS"; readonly digest: Digest; readonly saltLength: number };

type Library = Pkcs11.PKCS11;

const CKM_EDDSA = 0x1057;

/** Of this thread, by the library's file. */
const libraries = new Map<string, Library>();
const gates = new Map<string, ModuleGate>();
/** Has this thread share a library with the process's other threads, by the gate that they were given. */
export function shareGate(modulePath: string, gate: ModuleGate): void {
  gates.set(modulePath, gate);
}

function gateOf(modulePath: string): ModuleGate {
  const known = gates.get(modulePath);
  if (known) return known;
  const made = new ModuleGate();
  gates.set(modulePath, made);
  return made;
}

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
    return gateOf(this.#uri.modulePath).use(() =>
      called("C_Sign", () => {
        this.#library.C_SignInit(this.#handle, cryptokiMechanism(mechanism), this.#key);
        return Buffer.from(this.#library.C_Sign(this.#handle, octets, Buffer.alloc(size)));
      }),
    );
  }

  close(): void {
    gateOf(this.#uri.modulePath).use(() => closeSession(this.#library, this.#handle));
  }
}

function initialised(modulePath: string): Library {
  const known = libraries.get(modulePath);
  const library = known ?? loadLibrary(modulePath);
  initialise(library);
  return library;
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
    const info = library.C_GetTokenInfo(slot);
    return (
      isOrAny(uri.token, info.label) &&
      isOrAny(uri.serial, info.serialNumber) &&
      isOrAny(uri.model, info.model) &&
      isOrAny(uri.manufacturer, info.manufacturerID)
    );
  } catch {
    return false;
  }
}

/** Cryptoki pads with blanks. */
function isOrAny(asked: string | undefined, found: string): boolean {
  return asked === undefined || asked === found.replace(/[ \0]+$/, "");
}

function tokenText({ token, serial, slotID }: KeyURI): string {
  if (token !== undefined) return `the token "${token}"`;
  return serial === undefined ? `slot-id ${slotID}` : `the token of serial ${serial}`;
}

function logIn(library: Library, session: Buffer, { pinFile }: KeyURI): void {
  if (pinFile === undefined) return;
  const pin = readPin(pinFile);
  try {
    library.C_Login(session, pkcs11js().CKU_USER, pin);
  } catch (error) {
    const { CKR_USER_ALREADY_LOGGED_IN, CKR_PIN_INCORRECT } = pkcs11js();
    if (codeOf(error) === CKR_USER_ALREADY_LOGGED_IN) return;
    throw codeOf(error) === CKR_PIN_INCORRECT ? refusePin(pinFile, pin) : failed("C_Login", error);
  }
}

function findKey(library: Library, session: Buffer, { object, id }: KeyURI): Buffer {
  const { CKA_CLASS, CKA_LABEL, CKA_ID, CKO_PRIVATE_KEY } = pkcs11js();
  const found = called("C_FindObjects", () => {
    library.C_FindObjectsInit(session, [
      { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
      ...(object === undefined ? [] : [{ type: CKA_LABEL, value: object }]),
      ...(id === undefined ? [] : [{ type: CKA_ID, value: id }]),
    ]);
    const handles = library.C_FindObjects(session, 2);
    library.C_FindObjectsFinal(session);
    return handles;
  });
  const [only, ...others] = found;
  const asked = object === undefined ? `id ${id?.toString("hex")}` : `label "${object}"`;
  if (!only) throw new TokenFault(`the token has no private key with ${asked}`);
  if (others.length > 0) throw new TokenFault(`the token has several private keys with ${asked}`);
  return only;
}

function cryptokiMechanism(mechanism: Mechanism): Pkcs11.Mechanism {
  const cryptoki = pkcs11js();
  switch (mechanism.name) {
    case "RSA_PKCS":
      return { mechanism: cryptoki.CKM_RSA_PKCS };
    case "ECDSA":
      return { mechanism: cryptoki.CKM_ECDSA };
    case "EDDSA":
      return { mechanism: CKM_EDDSA };
    case "RSA_PKCS_PSS": {
      const { digest, saltLength: saltLen } = mechanism;
      const parameter = { type: cryptoki.CK_PARAMS_RSA_PSS, ...pssDigest(digest), saltLen };
      return { mechanism: cryptoki.CKM_RSA_PKCS_PSS, parameter };
    }
  }
}

function pssDigest(digest: Digest): { hashAlg: number; mgf: number } {
  const cryptoki = pkcs11js();
  return {
    sha256: { hashAlg: cryptoki.CKM_SHA256, mgf: cryptoki.CKG_MGF1_SHA256 },
    sha384: { hashAlg: cryptoki.CKM_SHA384, mgf: cryptoki.CKG_MGF1_SHA384 },
    sha512: { hashAlg: cryptoki.CKM_SHA512, mgf: cryptoki.CKG_MGF1_SHA512 },
  }[digest];
}

function closeSession(library: Library, session: Buffer): void {
  try {
    library.C_CloseSession(session);
  } catch {
    // It went with its token.
  }
}

function called<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failed(what, error);
  }
}

function failed(what: string, error: unknown): TokenAway | TokenFault {
  const message = `${what} failed: ${(error as Error).message}`;
  return isOfTheKey(codeOf(error))
    ? new TokenFault(`the key is not for this: ${message}`)
    : new TokenAway(message);
}

/** Whether an error says that the key cannot sign so, however often it is asked. */
function isOfTheKey(code: number | undefined): boolean {
  const cryptoki = pkcs11js();
  const codes: readonly (number | undefined)[] = [
    cryptoki.CKR_KEY_TYPE_INCONSISTENT,
    cryptoki.CKR_KEY_SIZE_RANGE,
    cryptoki.CKR_KEY_FUNCTION_NOT_PERMITTED,
    cryptoki.CKR_MECHANISM_INVALID,
    cryptoki.CKR_DATA_LEN_RANGE,
    cryptoki.CKR_BUFFER_TOO_SMALL,
  ];
  return code !== undefined && codes.includes(code);
}

function codeOf(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}
