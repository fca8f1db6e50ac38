import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { hasProgram, needs } from "../support/has-program.ts";
import { mustRun } from "../support/run-program.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";
import { makeTokenSite, type TokenSigner, type TokenSite } from "./token-site.ts";

/* What becomes of a token while threads are logged in to it: another process changes its keys, its PIN, all of it. */

const it = hasProgram("cc")
  ? needs("softhsm2-util", INSTALL_SOFTHSM)
  : needs("cc", "apt-get install gcc libc6-dev");
const NEW_PIN = "16180339";

let site: TokenSite;
let one: TokenSigner;
let two: TokenSigner;

beforeAll(() => {
  if (!hasProgram("softhsm2-util") || !hasProgram("cc")) return;
  site = makeTokenSite(2, "one", "two");
  [one, two] = site.signers as unknown as [TokenSigner, TokenSigner];
});
afterAll(() => site?.close());

/** Does this as an administrator's tool does, in a process of its own. */
function administer(what: string): void {
  const program = `
    const cryptoki = require("pkcs11js");
    const library = new cryptoki.PKCS11();
    library.load("/usr/lib/softhsm/libsofthsm2.so");
    library.C_Initialize();
    const [slot] = library.C_GetSlotList(true);
    const flags = cryptoki.CKF_SERIAL_SESSION | cryptoki.CKF_RW_SESSION;
    const session = library.C_OpenSession(slot, flags);
    library.C_Login(session, cryptoki.CKU_USER, "${site.token.pin}");
    ${what}`;
  mustRun(process.execPath, ["-e", program]);
}

function destroyKey(label: string): void {
  administer(`
    library.C_FindObjectsInit(session, [{ type: cryptoki.CKA_LABEL, value: "${label}" }]);
    const found = library.C_FindObjects(session, 10);
    library.C_FindObjectsFinal(session);
    for (const object of found) library.C_DestroyObject(session, object);`);
}

const bringKey = ({ label }: TokenSigner, of: TokenSigner): void =>
  void site.token.importKey(label, readFileSync(of.pki.signer.key));

const untilSigns = (signer: TokenSigner): Promise<unknown> =>
  until(async () => (await site.probe(signer)).state === "signs", {
    what: `the key "${signer.label}" to sign`,
  });

/** Four jobs at once, so that each thread has one. */
const signed = (signer: TokenSigner): Promise<number[]> =>
  Promise.all(Array.from({ length: 4 }, () => site.sign(signer)));

it("a key that is deleted is told, another is not touched, and it signs when it is back", async () => {
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
  expect(await signed(two)).toEqual([1, 1, 1, 1]);
  destroyKey("one");
  await expect(site.sign(one)).rejects.toThrow('the token has no private key with label "one"');
  expect(await site.probe(one)).toMatchObject({ state: "unusable" });
  expect(await signed(two)).toEqual([1, 1, 1, 1]);
  bringKey(one, one);
  await untilSigns(one);
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
});

it("another key of the same name signs nothing, and is told", async () => {
  destroyKey("one");
  bringKey(one, two);
  const said = 'the token\'s key with label "one" is of another certificate';
  await expect(site.sign(one)).rejects.toThrow(said);
  expect(await site.probe(one)).toMatchObject({ fault: expect.stringContaining(said) });
  destroyKey("one");
  bringKey(one, one);
  await untilSigns(one);
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
});

it("another PIN shows at the next login, and is tried when it stands in the file", async () => {
  administer(`library.C_SetPIN(session, "${site.token.pin}", "${NEW_PIN}");`);
  expect(await site.sign(one)).toBe(1);
  await site.restart();
  await expect(site.sign(one)).rejects.toThrow(/refuses the PIN/);
  writeFileSync(site.token.pinFile, NEW_PIN);
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
});

it("a token that is initialised anew under them, with another PIN, signs again without a restart", async () => {
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
  const names = ["--token", "vouch", "--label", "vouch"];
  mustRun("softhsm2-util", [
    ...["--init-token", ...names, "--so-pin", "31415926", "--pin", site.token.pin],
  ]);
  await expect(Promise.all(Array.from({ length: 8 }, () => site.sign(one)))).rejects.toThrow();
  bringKey(one, one);
  writeFileSync(site.token.pinFile, site.token.pin);
  await untilSigns(one);
  expect(await signed(one)).toEqual([1, 1, 1, 1]);
});
