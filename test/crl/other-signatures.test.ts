import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ForeignCRLReader } from "../../src/crl/foreign-crl-reader.ts";
import { OIDS } from "../../src/der/oids.ts";
import { integer, NULL, sequence } from "../../src/der/writer.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { vouch } from "../support/vouch-cli.ts";
import { extension, handMadeCRL } from "./hand-made-crl.ts";

/* CRLs by keys and hashes that Vouch signs nothing with, and that older CAs have. */

const folder = tempFolder();
afterAll(() => removeFolder(folder));

const openssl = (...args: string[]): string => mustRun("openssl", args, folder);

const KEYS: Readonly<Record<string, readonly string[]>> = {
  rsa: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  ec: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  dsa: ["-paramfile", "dsa.params"],
};

const KINDS: readonly [string, string, Uint8Array, string][] = [
  ["dsa-with-SHA256", "dsa", sequence(OIDS.dsaWithSHA256), "sha256"],
  ["dsa-with-SHA1", "dsa", sequence(OIDS.dsaWithSHA1), "sha1"],
  ["ecdsa-with-SHA1", "ec", sequence(OIDS.ecdsaWithSHA1), "sha1"],
  ["ecdsa-with-SHA224", "ec", sequence(OIDS.ecdsaWithSHA224), "sha224"],
  ["sha224WithRSAEncryption", "rsa", sequence(OIDS.sha224WithRSAEncryption, NULL), "sha224"],
];

it.each(KINDS)("%s is verified", async (_, kind, algorithm, hash) => {
  if (kind === "dsa") {
    const bits = ["-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:2048"];
    openssl("genpkey", "-quiet", "-genparam", ...bits, "-out", "dsa.params");
  }
  openssl("genpkey", "-quiet", ...(KEYS[kind] ?? []), "-out", "ca.key");
  openssl("req", "-x509", "-key", "ca.key", "-subj", "/CN=Old CA", "-sha256", "-out", "ca.pem");
  openssl("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der");
  const issuer = readFileSync(join(folder, "ca.der"));
  const parts = {
    issuer: readCertificate(issuer).subject,
    key: createPrivateKey(readFileSync(join(folder, "ca.key"))),
    extensions: [extension("2.5.29.20", integer(7))],
  };
  const crl = handMadeCRL({ ...parts, algorithm, hash });
  const reader = new ForeignCRLReader(issuer, () => undefined);
  reader.push(crl);
  expect(reader.end().summary.crlNumber).toBe(7n);
  writeFileSync(join(folder, "made.crl"), crl);
  const args = ["crl", "verify", join(folder, "made.crl"), "--issuer", join(folder, "ca.pem")];
  expect((await vouch(args, { json: true })).json).toMatchObject({ ok: true, problems: [] });
});
