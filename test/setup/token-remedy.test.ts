import { expect, it } from "vitest";
import { tokenRemedy } from "../../src/setup/token-remedy.ts";
import { type KeyURI, parseKeyURI } from "../../src/x509/key-uri.ts";

const uri = parseKeyURI("pkcs11:token=vouch;object=a?module-path=/opt/hsm one.so") as KeyURI;

it.each([
  ['pkcs11:… is not the key of the certificate "CN=a"', /this very certificate/],
  ["the key is of another certificate: its signatures are longer", /this very certificate/],
  ["the token shows no private key without a PIN, and the URI has no pin-source", /add pin-source/],
  ["C_Sign failed: CKR_USER_NOT_LOGGED_IN", /add pin-source/],
  ["the token refuses the PIN in /pin; it is not tried again", /the right PIN/],
  ["the PIN file /pin cannot be read (ENOENT)", /mode 0600/],
  ["/opt/hsm one.so cannot be loaded: no such file", /module-path/],
  ['no slot has the token "vouch"', /pkcs11-tool --module '\/opt\/hsm one.so' --list-token-slots/],
  ["the token hangs: a call to its library did not end in time", /library \/opt\/hsm one.so/],
  ["C_Sign failed: CKR_GENERAL_ERROR", /--login --list-objects/],
])("%s", (fault, remedy) => {
  expect(tokenRemedy(fault, uri)).toMatch(remedy);
});
