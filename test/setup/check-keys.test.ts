import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { mustRun } from "../support/run-program.ts";
import { found, type PlantedSetup, plantedSetup } from "./planted.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function aSetup(): Promise<PlantedSetup> {
  const setup = await plantedSetup();
  cleanUps.push(setup.remove);
  return setup;
}

it("a key of another certificate is named, and nobody can sign with it", async () => {
  const { check, pki } = await aSetup();
  copyFileSync(pki.caKey, pki.signer.key);
  const { ok, problems } = await check();
  expect(ok).toBe(false);
  const fault = found(problems, `${pki.signer.key} is not the key of the certificate`);
  expect(fault?.where).toBe(`issuer gov-1, signer ${pki.signer.certificate}`);
  expect(fault?.do).toContain("ocsp.signers");
  expect(found(problems, "no OCSP signer can sign now")).toBeDefined();
});

it("a missing key", async () => {
  const { check, pki } = await aSetup();
  rmSync(pki.signer.key);
  const { problems } = await check();
  expect(found(problems, `${pki.signer.key} cannot be read (ENOENT)`)?.do).toContain("put the key");
});

it("a missing key of the CRL signer", async () => {
  const { check, pki } = await aSetup();
  rmSync(pki.caKey);
  const { problems } = await check();
  expect(found(problems, "issuer gov-1, crl.signer", "ENOENT")?.do).toContain("crl.signer");
  expect(found(problems, "no OCSP signer")).toBeUndefined();
});

it("a file that holds no key, and one with a passphrase", async () => {
  const { check, pki } = await aSetup();
  writeFileSync(pki.signer.key, "no key\n");
  expect(found((await check()).problems, "is no private key in PEM form")).toBeDefined();
  const encrypted = ["-aes256", "-passout", "pass:secret", "-out", pki.signer.key];
  mustRun("openssl", ["pkey", "-in", pki.caKey, ...encrypted]);
  const fault = found((await check()).problems, "has a passphrase");
  expect(fault?.do).toContain("without a passphrase");
});

it("a pipe in a key's or certificate's place is named, and waited for by nobody", async () => {
  const { check, pki } = await aSetup();
  for (const file of [pki.signer.key, pki.signer.certificate]) {
    rmSync(file);
    mustRun("mkfifo", ["-m", "600", file]);
    const { problems } = await check();
    expect(found(problems, file, "is no regular file")).toBeDefined();
    expect(found(problems, "no OCSP signer can sign now")).toBeDefined();
  }
});

it.each([0o644, 0o640, 0o604])("a key with mode %o: the exact chmod", async (mode) => {
  const { check, pki } = await aSetup();
  chmodSync(pki.signer.key, mode);
  const { ok, problems } = await check();
  expect(ok).toBe(false);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.where).toBe(pki.signer.key);
  expect(problems[0]?.problem).toContain(`mode 0${mode.toString(8)}`);
  expect(problems[0]?.do).toBe(`chmod 600 ${pki.signer.key}`);
  mustRun("sh", ["-c", problems[0]?.do ?? "false"]);
  expect((await check()).ok).toBe(true);
});

it("the remedy can be pasted whatever the file's name", async () => {
  const { check, pki, places } = await aSetup();
  const odd = join(pki.folder, "khoá của CA's.key");
  copyFileSync(pki.signer.key, odd);
  chmodSync(odd, 0o666);
  const signer = `- { certificate: ${pki.signer.certificate}, key: "${odd}" }`;
  writeFileSync(
    places.config,
    `data: ${places.data}
admin: ${places.admin}
liveSign: ${places.liveSign}
issuers:
  - name: gov-1
    certificate: ${pki.caCertificate}
    ocsp:
      signers:
        ${signer}
`,
  );
  const { problems } = await check();
  expect(problems.map(({ where }) => where)).toEqual([odd]);
  mustRun("sh", ["-c", problems[0]?.do ?? "false"]);
  expect((await check()).problems).toEqual([]);
});
