import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSigningCA, serial, signCRL } from "../../crl/signing-ca.ts";
import { needs } from "../../support/has-program.ts";
import { mustRun } from "../../support/run-program.ts";
import { vouch } from "../../support/vouch-cli.ts";
import { deltaOf, KEY_ID, numbered, type OpensslCRLs, opensslCRLs } from "./openssl-crls.ts";

let ca: OpensslCRLs;
let other: OpensslCRLs;
let full: string;

beforeAll(() => {
  ca = opensslCRLs("A CA");
  other = opensslCRLs("Another CA");
  ca.revoke(0, "superseded");
  ca.revoke(1, "certificateHold");
  full = ca.issue("full.crl", [KEY_ID, numbered(10)]);
});

afterAll(() => {
  ca?.pki.remove();
  other?.pki.remove();
});

async function verify(file: string, ...more: string[]) {
  const args = ["crl", "verify", file, "--issuer", ca.pki.caCertificate, ...more];
  const { code, json } = await vouch(args, { json: true });
  const problems: { where: string; problem: string; rule: string }[] = json.problems;
  expect(json.ok).toBe(problems.length === 0);
  expect(code).toBe(json.ok ? 0 : 1);
  return { json, problems, said: problems.map(({ where, problem }) => `${where}: ${problem}`) };
}

/** A copy of a DER file in which one octet differs, counted from the end where it is negative. */
function changed(file: string, at: number): string {
  const octets = readFileSync(file);
  const place = at < 0 ? octets.length + at : at;
  octets[place] = (octets[place] ?? 0) ^ 1;
  const copy = join(ca.pki.folder, `changed${at}.crl`);
  writeFileSync(copy, octets);
  return copy;
}

describe("vouch crl verify", () => {
  it("says that a CRL is good, and what it is", async () => {
    for (const file of [full, ca.asDER(full)]) {
      const { json, said } = await verify(file);
      expect(said).toEqual([]);
      expect(json).toMatchObject({ file, kind: "full", crlNumber: "10", baseCRLNumber: null });
      expect(json.issuer).toContain("CN=A CA");
    }
    const args = ["crl", "verify", full, "--issuer", ca.pki.caCertificate];
    expect((await vouch(args)).stdout).toMatch(/^good: .*full\.crl, full CRL 10 of CN=A CA/);
  });

  it("says everything that is wrong at once", async () => {
    const args = ["crl", "verify", full, "--issuer", other.pki.caCertificate];
    const { code, json } = await vouch([...args, "--at", "2020-01-01T00:00:00Z"], { json: true });
    expect(code).toBe(1);
    expect(json.problems.map(({ where }: { where: string }) => where)).toEqual([
      "issuer",
      "authorityKeyIdentifier",
      "signatureValue",
      "thisUpdate",
    ]);
    expect(json.problems[0].problem).toMatch(/"CN=A CA, .*", and the CA is "CN=Another CA, .*"/);
    for (const { rule } of json.problems) expect(rule).toMatch(/^RFC 5280 \d/);
  });

  it("finds one changed octet in what is signed, and in the signature", async () => {
    const der = ca.asDER(full);
    // In the first entry's serial number, in the list, and in the last octet of the signature.
    const at = readFileSync(der).indexOf(Buffer.from("1ab23f", "hex"));
    for (const place of [at + 2, -1]) {
      const { said } = await verify(changed(der, place));
      expect(said).toEqual([
        "signatureValue: the CA's key did not make it, or something was changed since",
      ]);
    }
  });

  it("finds that it ran out", async () => {
    const { said } = await verify(full, "--at", "2040-01-01T00:00:00Z");
    expect(said).toEqual([
      expect.stringMatching(/^nextUpdate: it ran out on 20.*, before 2040-01-01T00:00:00Z$/),
    ]);
  });

  it("notes what a CRL of v1 lacks, which relying parties take all the same", async () => {
    const bare = opensslCRLs("A CA of old");
    const file = bare.issue("v1.crl");
    const args = ["crl", "verify", file, "--issuer", bare.pki.caCertificate];
    const { code, json } = await vouch(args, { json: true });
    bare.pki.remove();
    expect([code, json.ok]).toEqual([0, true]);
    expect(
      json.warnings.map(({ where, problem }: Record<string, string>) => `${where}: ${problem}`),
    ).toEqual([
      "version: v1, where CRLs of today are v2",
      "crlExtensions: cRLNumber is missing",
      "crlExtensions: authorityKeyIdentifier is missing",
    ]);
  });

  it("finds critical extensions that nobody knows, and a distribution point that should be critical", async () => {
    const extensions = [KEY_ID, numbered(11), "1.2.3.4 = critical,ASN1:NULL"];
    const { said } = await verify(
      ca.issue("critical.crl", [...extensions, "2.5.29.28 = DER:3003810101"]),
    );
    expect(said).toEqual([
      expect.stringMatching(/^crlExtensions: 1\.2\.3\.4 is critical and not known here/),
      "crlExtensions: 2.5.29.28 has to be critical",
    ]);
  });

  it("finds an entry that stands there twice", async () => {
    const { pki, privateKey, fields } = makeSigningCA("ec");
    const entry = {
      revocationDate: fields.thisUpdate,
      reason: 1,
      invalidityDate: undefined,
    } as const;
    const twice = ["05", "07", "05"].map((text) => ({ serialNumber: serial(text), ...entry }));
    const file = join(pki.folder, "twice.crl");
    writeFileSync(file, signCRL(privateKey, fields, twice));
    const args = ["crl", "verify", file, "--issuer", pki.caCertificate];
    const { code, json } = await vouch(args, { json: true });
    pki.remove();
    expect(code).toBe(1);
    expect(json.problems).toMatchObject([
      { problem: "1 serial numbers stand there more than once", rule: "RFC 5280 5.1.2.6" },
    ]);
  });

  it("refuses a time that is none", async () => {
    const args = ["crl", "verify", full, "--issuer", ca.pki.caCertificate, "--at", "yesterday"];
    const { code, json } = await vouch(args, { json: true });
    expect(code).toBe(1);
    expect(json.error).toMatchObject({ code: "badTime" });
  });

  it("without --issuer is wrong usage", async () => {
    expect(await vouch(["crl", "verify", full])).toMatchObject({ code: 2 });
  });

  needs("certtool", "apt-get install gnutls-bin")("reads what GnuTLS makes", async () => {
    const { folder } = ca.pki;
    writeFileSync(join(folder, "crl.tmpl"), "crl_next_update = 7\ncrl_number = 99\n");
    const made = ["--generate-crl", "--load-ca-privkey", "ca.key", "--load-ca-certificate"];
    const args = [...made, "ca.pem", "--template", "crl.tmpl", "--outfile", "gnutls.crl"];
    mustRun("certtool", [...args, "--load-certificate", "leaf-2.pem"], folder);
    const { json, said } = await verify(join(folder, "gnutls.crl"));
    expect(said).toEqual([]);
    expect(json.crlNumber).toBe("99");
  });
});

describe("vouch crl verify --delta", () => {
  it("takes a delta that follows its base", async () => {
    const delta = ca.issue("delta.crl", [KEY_ID, numbered(12), deltaOf(10)]);
    const { json, said } = await verify(delta, "--delta", full);
    expect(said).toEqual([]);
    expect(json).toMatchObject({ kind: "delta", crlNumber: "12", baseCRLNumber: "10" });
  });

  it("says of a delta without its base what it does not tell", async () => {
    const { json, said } = await verify(ca.issue("alone.crl", [KEY_ID, numbered(12), deltaOf(10)]));
    expect(said).toEqual([]);
    expect(json.warnings).toContainEqual(
      expect.objectContaining({ problem: expect.stringMatching(/since CRL 10: .*--delta BASE/) }),
    );
  });

  it("finds a CRL that is cut off", async () => {
    const cut = join(ca.pki.folder, "cut.crl");
    mustRun("openssl", ["crl", "-in", full, "-outform", "DER", "-out", cut]);
    writeFileSync(cut, readFileSync(cut).subarray(0, -40));
    const args = ["crl", "verify", cut, "--issuer", ca.pki.caCertificate];
    const ended = await vouch(args, { json: true });
    expect([ended.code, ended.json.error.code]).toEqual([1, "badFile"]);
    expect(ended.json.error.do).toMatch(/cut off or damaged/);
  });

  it("refuses another base: older, of another CA, a delta, and no delta at all", async () => {
    const delta = ca.issue("delta-11.crl", [KEY_ID, numbered(12), deltaOf(11)]);
    expect((await verify(delta, "--delta", full)).said).toEqual([
      "BaseCRLNumber: 11, and the base is the older 10",
    ]);
    const foreign = other.issue("foreign.crl", [KEY_ID, numbered(11)]);
    const { said } = await verify(delta, "--delta", foreign);
    expect(said).toContain("issuer: not that of the base");
    expect(said).toContain("authorityKeyIdentifier: not that of the base");
    expect(said.some((one) => one.startsWith("base, signatureValue: "))).toBe(true);
    expect((await verify(delta, "--delta", delta)).said).toEqual([
      `deltaCRLIndicator: the base ${delta} is a delta CRL itself`,
    ]);
    expect((await verify(full, "--delta", full)).said).toEqual([
      "deltaCRLIndicator: missing: it is a full CRL, which needs no base",
    ]);
  });

  it("refuses a delta that is below its base", async () => {
    const delta = ca.issue("low.crl", [KEY_ID, numbered(9), deltaOf(5)]);
    expect((await verify(delta, "--delta", full)).said).toEqual([
      "cRLNumber: 9 is below the base's 10: the base knows more",
    ]);
  });
});

describe("vouch crl explain", () => {
  it("says what a CRL says, with as many entries as asked for", async () => {
    const args = ["crl", "explain", full, "--entries", "1"];
    const { code, json } = await vouch(args, { json: true });
    expect(code).toBe(0);
    expect(json).toMatchObject({ type: "CertificateList", revokedCertificates: { count: 2 } });
    expect(json.revokedCertificates.first).toHaveLength(1);
  });

  it("explains no certificate", async () => {
    const { code, json } = await vouch(["crl", "explain", ca.pki.caCertificate], { json: true });
    expect(code).toBe(1);
    expect(json.error.message).toMatch(/ca\.pem is a certificate, not a CRL/);
  });
});
