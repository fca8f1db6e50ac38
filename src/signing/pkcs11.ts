import { createRequire } from "node:module";
import type * as Pkcs11 from "pkcs11js";
import type { KeyURI } from "../x509/key-uri.ts";
import { sharedModule } from "./shared-module.ts";
import { called, codeOf, TokenAway, TokenFault, tokenError } from "./token-error.ts";
import { isNamedBy, tokenText } from "./token-slot.ts";

/** A PKCS #11 library, as its functions are called. */
export type Library = Pkcs11.PKCS11;

/** Of this thread, by the library's file. */
const libraries = new Map<string, Library>();

let loadedPackage: typeof Pkcs11 | undefined;

/** The package is optional: it is built where it is installed, which takes a compiler. */
export function pkcs11js(): typeof Pkcs11 {
  try {
    loadedPackage ??= createRequire(import.meta.url)("pkcs11js") as typeof Pkcs11;
    return loadedPackage;
  } catch {
    throw new TokenFault(
      "the package pkcs11js is not installed, for want of a compiler: apt install g++ make python3, then npm ci",
    );
  }
}

/** The library in a file, ready for calls; it is initialised once a process. */
export function initialised(modulePath: string): Library {
  const module = sharedModule(modulePath);
  const start = (): Library => {
    const library = libraries.get(modulePath) ?? loadLibrary(modulePath);
    initialise(library);
    return library;
  };
  // To wait for a slow thread is no call that hangs.
  return module.start.alone(() => module.call(start));
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

/** The one slot that has the token of a URI. */
export function slotOf(library: Library, uri: KeyURI): Buffer {
  const slots = (): Buffer[] =>
    library.C_GetSlotList(true).filter((slot) => isAsked(library, slot, uri));
  const module = sharedModule(uri.modulePath);
  const [only, ...others] = module.call(() => called("C_GetSlotList", slots));
  if (!only) throw new TokenAway(`no slot has ${tokenText(uri)}`);
  if (others.length > 0) throw new TokenFault(`several slots have ${tokenText(uri)}`);
  return only;
}

/** Whether a slot has the token of a URI now. */
export function isAsked(library: Library, slot: Buffer, uri: KeyURI): boolean {
  if (uri.slotID !== undefined && slot.readUInt32LE() !== uri.slotID) return false;
  try {
    return isNamedBy(uri, library.C_GetTokenInfo(slot));
  } catch {
    return false;
  }
}

/** Logs the token in, where the URI names a PIN: that of one session is all sessions' of the process. */
export function logIn(library: Library, session: Buffer, { modulePath, pinFile }: KeyURI): void {
  if (pinFile === undefined) return;
  const module = sharedModule(modulePath);
  module.pins.logIn(pinFile, (pin) => {
    try {
      module.call(() => library.C_Login(session, pkcs11js().CKU_USER, pin));
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
