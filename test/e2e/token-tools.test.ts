import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type FaultyToken, makeFaultyToken } from "../support/faulty-token.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { prepareSite, type Site } from "../support/site.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

/* The commands that use a token's library themselves, beside no daemon: one that hangs or crashes is told. */

const it = hasProgram("cc")
  ? needs("softhsm2-util", INSTALL_SOFTHSM)
  : needs("cc", "apt-get install gcc libc6-dev");

let hsm: FaultyToken;
let pki: Pki;
let site: Omit<Site, "daemon">;
let key: string;

beforeAll(async () => {
  if (!hasProgram("cc") || !hasProgram("softhsm2-util")) return;
  hsm = makeFaultyToken();
  pki = makePki({ algorithm: "ec" });
  key = hsm.importKey("ocsp", readFileSync(pki.signer.key));
  const signers = [{ certificate: pki.signer.certificate, key }];
  site = await prepareSite({ issuers: [{ name: "gov-1", pki, ocsp: { signers }, crl: false }] });
});

afterAll(async () => {
  await site?.close();
  hsm?.remove();
});

let requests = 0;
/** A new one each time. */
const request = (): string => join(site.places.folder, `new-${++requests}.csr`);
const COMMANDS: readonly (readonly [string, () => string[]])[] = [
  ["check", () => ["check"]],
  ["signer csr", () => ["signer", "csr", "gov-1", "--key", key, "--out", request()]],
  ["signer rehearse", () => ["signer", "rehearse", "gov-1", pki.signer.certificate, key]],
];

/** Each command beside the others, with a library that does so. */
function all(state: string): Promise<VouchEnded[]> {
  const file = join(hsm.folder, state.replaceAll(" ", "-"));
  writeFileSync(file, state);
  const env = { ...hsm.env, FAULTY_TOKEN_FILE: file };
  return Promise.all(COMMANDS.map(([, args]) => site.vouch(args(), { env, json: true })));
}

describe("the commands that use a token", () => {
  it("succeed with a sound one", async () => {
    const ended = await all("sound");
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(existsSync(join(site.places.folder, "new-1.csr"))).toBe(true);
  });

  for (const [state, said] of [
    ["crash C_Initialize", "the token's process ended unasked"],
    // They are ended for it after 15 seconds, all of them at once.
    ["hang C_Login", "the token hangs"],
  ] as const) {
    it(`end and say so where it does: ${state}`, async () => {
      const [check, csr, rehearse] = await all(state);
      expect(check?.json.problems).toContainEqual({
        where: expect.stringContaining("gov-1"),
        problem: expect.stringContaining(said),
        do: expect.stringContaining("its own tool"),
      });
      expect(csr?.json.error).toMatchObject({
        code: "signingFailed",
        message: expect.stringContaining(said),
      });
      expect(rehearse?.json.checks[1]).toMatchObject({
        check: "key",
        result: "failed",
        detail: expect.stringContaining(said),
      });
      expect([check?.code, csr?.code, rehearse?.code]).toEqual([2, 1, 1]);
    });
  }
});

describe("signer csr into a folder that is not there", () => {
  it("names the folder, and makes no key whose request could not be written", async () => {
    const there = join(site.places.folder, "new.key");
    const missing = join(site.places.folder, "missing", "new.key");
    for (const args of [
      ["--key", missing],
      ["--key", there, "--out", `${missing}.csr`],
    ]) {
      const { code, json } = await site.vouch(["signer", "csr", "gov-1", ...args], { json: true });
      expect(code).toBe(1);
      expect(json.error).toEqual({
        code: "badFile",
        message: `there is no folder ${join(site.places.folder, "missing")}`,
        do: "make it, for the user that runs this, or name another: --key, --out",
      });
    }
    expect(existsSync(there)).toBe(false);
  });

  it("refuses a URI that cannot be read, and makes no file of its name", async () => {
    const args = ["signer", "csr", "gov-1", "--key", "pkcs11:token=vouch"];
    const { code, json } = await site.vouch(args, { json: true });
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "signingFailed" });
  });
});
