import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueSigner, SOUND } from "../setup/planted.ts";
import { makeKindPki } from "../support/key-kinds.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { prepareSite, type Site } from "../support/site.ts";

/* From a new key to a signer that can be used, with a CA of the openssl command; no daemon runs. */

let pki: Pki;
let mlDsa: Pki;
let site: Omit<Site, "daemon">;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 0 });
  mlDsa = makeKindPki("ML-DSA-65");
  site = await prepareSite({
    issuers: [
      { name: "gov-1", pki },
      { name: "pq", pki: mlDsa },
    ],
  });
});

afterAll(() => site?.close());

interface Rehearsed {
  readonly ok: boolean;
  readonly checks: readonly { check: string; result: string; detail: string }[];
}

async function rehearse(issuer: string, certificate: string, key: string): Promise<Rehearsed> {
  const args = ["signer", "rehearse", issuer, certificate, key, "--json"];
  const { code, stdout } = await site.vouch(args);
  const said = JSON.parse(stdout) as Rehearsed;
  expect(code).toBe(said.ok ? 0 : 1);
  return said;
}

const results = ({ checks }: Rehearsed): string[] =>
  checks.map(({ check, result }) => `${check} ${result}`);

describe("signer csr, and rehearse of what the CA makes of it", () => {
  it.each(["p256", "rsa2048", "rsa-pss2048", "ed25519"])("%s", async (kind) => {
    const key = join(site.places.folder, `${kind}.key`);
    const name = "Chữ ký OCSP số 2";
    const args = ["signer", "csr", "gov-1", "--key", key, "--kind", kind, "--name", name];
    const made = await site.vouch([...args, "--json"]);
    expect(made.code, made.stderr).toBe(0);
    const request = join(site.places.folder, `${kind}.csr`);
    expect(JSON.parse(made.stdout)).toMatchObject({ issuer: "gov-1", key, request });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const text = mustRun("openssl", ["req", "-in", request, "-verify", "-noout", "-text"]);
    expect(text).toContain("OCSP Signing");
    expect(text).toContain("Digital Signature");
    const subject = [
      "req",
      "-in",
      request,
      "-noout",
      "-subject",
      "-nameopt",
      "utf8,sep_comma_plus",
    ];
    expect(mustRun("openssl", subject)).toContain(`CN=${name}`);
    expect(mustRun("openssl", subject)).toContain("O=Đơn vị thử nghiệm");

    const certificate = join(site.places.folder, `${kind}.pem`);
    const copied = ["-copy_extensions", "copyall", "-days", "30"];
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", ...copied];
    mustRun("openssl", ["x509", "-req", "-in", request, ...ca, "-out", certificate], pki.folder);
    const said = await rehearse("gov-1", certificate, key);
    expect(said.checks, JSON.stringify(said.checks)).toHaveLength(4);
    expect(results(said)).toEqual(
      ["certificate", "key", "answers", "openssl"].map((check) => `${check} passed`),
    );
  });

  it("overwrites nothing, and knows its kinds", async () => {
    const key = join(site.places.folder, "there.key");
    writeFileSync(key, "something");
    const there = await site.vouch(["signer", "csr", "gov-1", "--key", key, "--json"]);
    expect(there.code).toBe(1);
    expect(JSON.parse(there.stdout)).toMatchObject({ error: { code: "badFile" } });
    expect(readFileSync(key, "utf8")).toBe("something");
    expect((await site.vouch(["signer", "csr", "gov-1", "--kind", "rsa512"])).code).toBe(2);
  });
});

describe("rehearse", () => {
  it("tells what is wrong with a certificate, and goes no further", async () => {
    const extensions = SOUND.filter((line) => !line.startsWith("noCheck"));
    const { certificate, key } = issueSigner(pki, { extensions, days: [-9, -1] });
    const said = await rehearse("gov-1", certificate, key);
    expect(results(said)).toEqual(["certificate failed"]);
    expect(said.checks[0]?.detail).toMatch(/lacks id-pkix-ocsp-nocheck.*it expired on/);
  });

  it("tells that a key is another's", async () => {
    const { certificate } = issueSigner(pki);
    const said = await rehearse("gov-1", certificate, pki.caKey);
    expect(results(said)).toEqual(["certificate passed", "key failed"]);
    expect(said.checks[1]?.detail).toContain("is not the key of the certificate");
  });

  it("says where an openssl does not know the algorithm", async () => {
    const said = await rehearse("pq", mlDsa.signer.certificate, mlDsa.signer.key);
    expect(said.ok).toBe(true);
    expect(results(said).slice(0, 3)).toEqual([
      "certificate passed",
      "key passed",
      "answers passed",
    ]);
    expect(results(said)[3]).toMatch(/^openssl (passed|skipped)$/);
  });
});
