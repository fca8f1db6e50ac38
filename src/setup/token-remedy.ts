import type { KeyURI } from "../x509/key-uri.ts";
import { shellWord } from "./shell-word.ts";

/** What to do about each fault of a key in a token, by the words that tell it; the first that fits counts. */
const REMEDIES: readonly (readonly [RegExp, (uri: KeyURI) => string])[] = [
  [
    /is not the key|of another certificate/,
    () => "name the key of this very certificate (object, id)",
  ],
  [
    /no pin-source|CKR_USER_NOT_LOGGED_IN/,
    () => "add pin-source=file:/PATH to the URI: a file of mode 0600 with the user's PIN",
  ],
  [
    /refuses the PIN|CKR_PIN_LOCKED/,
    () => "write the right PIN there; a token that has locked itself is unlocked with its own tool",
  ],
  [
    /the PIN file/,
    () => "put the user's PIN there, mode 0600, in a file of the user that runs vouch",
  ],
  [
    /the token hangs|process ended unasked/,
    (uri) =>
      `the fault is in its library ${uri.modulePath}: see whether the token answers its own tool`,
  ],
  [/cannot be loaded/, () => "install the token's PKCS #11 library, and name it in module-path"],
  [
    /no slot has|several slots have/,
    (uri) => `see which tokens there are: ${pkcs11Tool(uri, "--list-token-slots")}`,
  ],
];

/** What to do about a key in a token that does not sign. */
export function tokenRemedy(fault: string, uri: KeyURI): string {
  const known = REMEDIES.find(([words]) => words.test(fault))?.[1];
  return known?.(uri) ?? `see with: ${pkcs11Tool(uri, "--login --list-objects")}`;
}

function pkcs11Tool({ modulePath }: KeyURI, asked: string): string {
  return `pkcs11-tool --module ${shellWord(modulePath)} ${asked}, as the user that runs vouch`;
}
