import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { makeTlsFiles, type TlsFilePair } from "../support/tls-files.ts";
import { found, type PlantedSetup, plantedSetup } from "./planted.ts";

const DAY = 86_400;
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function aSetup(): Promise<PlantedSetup & { pair: TlsFilePair }> {
  const pair = makeTlsFiles("ocsp.example.vn");
  const https = { listen: "127.0.0.1:8443", ...pair };
  const setup = await plantedSetup(
    () => ({}),
    () => ({ public: { https } }),
  );
  cleanUps.push(setup.remove);
  return { ...setup, pair };
}

it("a sound pair is fine, with the key readable for the responders' group", async () => {
  const { check, pair } = await aSetup();
  chmodSync(pair.key, 0o640);
  expect(await check()).toEqual({ ok: true, problems: [], warnings: [] });
});

it("a key that everybody may read", async () => {
  const { check, pair } = await aSetup();
  chmodSync(pair.key, 0o644);
  expect(found((await check()).problems, "is open to everybody (mode 0644)")?.where).toBe(pair.key);
});

it("another's key", async () => {
  const { check, pair } = await aSetup();
  copyFileSync(makeTlsFiles("other").key, pair.key);
  const fault = found((await check()).problems, "is not the certificate of public.https.key");
  expect(fault?.where).toBe(pair.certificate);
});

it("files that are away, or hold something else, each with what belongs there", async () => {
  const { check, pair } = await aSetup();
  rmSync(pair.certificate);
  writeFileSync(pair.key, "no key\n");
  const { problems } = await check();
  expect(found(problems, "is no usable TLS certificate: ENOENT")?.where).toBe(pair.certificate);
  expect(found(problems, "is no usable TLS private key")?.do).toContain("without a passphrase");
});

it("the end of its life: a warning two weeks before, then a problem", async () => {
  const { check } = await aSetup();
  const now = Math.floor(Date.now() / 1000);
  expect(found((await check(() => now + 10 * DAY)).warnings, "expires at")).toBeUndefined();
  const { ok, warnings } = await check(() => now + 20 * DAY);
  expect([ok, found(warnings, "expires at")?.do]).toEqual([true, expect.stringContaining("renew")]);
  expect(found((await check(() => now + 31 * DAY)).problems, "expired at")).toBeDefined();
  expect(found((await check(() => now - DAY)).problems, "is not valid before")).toBeDefined();
});

it("a copy of a key that signs, which no responder may have", async () => {
  const { check, pair, pki } = await aSetup();
  for (const [user, whose] of [
    ["issuer gov-1, signer ", pki.signer],
    ["issuer gov-1, and ", { certificate: pki.caCertificate, key: pki.caKey }],
  ] as const) {
    copyFileSync(whose.certificate, pair.certificate);
    copyFileSync(whose.key, pair.key);
    expect(found((await check()).problems, `is the key of ${user}`)?.where).toBe(pair.key);
  }
});
