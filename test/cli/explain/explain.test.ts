import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectType } from "../../../src/cli/explain/detect.ts";
import { explainRequest } from "../../../src/cli/explain/explain-request.ts";
import { explainResponse } from "../../../src/cli/explain/explain-response.ts";
import { makePki, type Pki } from "../../support/openssl-pki.ts";
import { mustRun, run } from "../../support/run-program.ts";
import { NODE, ROOT, vouch } from "../../support/vouch-cli.ts";

const VECTORS = new URL("../../vectors/", import.meta.url).pathname;

let pki: Pki;

beforeAll(() => {
  pki = makePki({ algorithm: "rsa", name: "CA có dấu", leaves: 2 });
  const [, revoked] = pki.leaves;
  if (revoked) pki.revokeInIndex(revoked, ["-crl_reason", "superseded"]);
  const openssl = (...args: string[]): string => mustRun("openssl", args, pki.folder);
  openssl(..."ca -config openssl.cnf -cert ca.pem -keyfile ca.key -gencrl -out v1.crl".split(" "));
});

afterAll(() => pki.remove());

async function explained(file: string) {
  return vouch(["explain", file], { json: true });
}

describe("what is right is explained, exit 0", () => {
  it("a certificate in PEM", async () => {
    const { code, json } = await explained(pki.signer.certificate);
    expect(json).toMatchObject({
      type: "Certificate",
      encoding: "PEM",
      version: 3,
      serialNumber: "7e57",
      subject: "CN=OCSP signer, C=VN",
      issuer: "CN=CA có dấu, O=Đơn vị thử nghiệm, C=VN",
      signatureAlgorithm: "sha256WithRSAEncryption",
      subjectPublicKey: { algorithm: "rsaEncryption", bits: 2048 },
      problems: [],
      warnings: [],
    });
    const values = new Map(
      json.extensions.map(({ name, value }: { name: string; value: unknown }) => [name, value]),
    );
    expect(values.get("keyUsage")).toEqual(["digitalSignature"]);
    expect(values.get("extKeyUsage")).toEqual(["OCSPSigning"]);
    expect(values.get("ocspNocheck")).toBeNull();
    expect(code).toBe(0);
  });

  it("a request that openssl made: hashes, serial number, nonce", async () => {
    const file = join(pki.folder, "request.der");
    const asked = ["-issuer", "ca.pem", "-sha256", "-serial", "0x99", "-nonce"];
    mustRun("openssl", ["ocsp", ...asked, "-reqout", file], pki.folder);
    const { code, json } = await explained(file);
    expect(json).toMatchObject({
      type: "OCSPRequest",
      requestList: [{ hashAlgorithm: "sha256", serialNumber: "99" }],
      requestExtensions: [{ name: "nonce", critical: false, value: { octets: 16 } }],
      problems: [],
    });
    expect(json.warnings[0].problem).toMatch(/a nonce of 16 octets: clients of today send 32/);
    expect(code).toBe(0);
  });

  it("an answer that openssl made, in base64 from standard input", async () => {
    const file = join(pki.folder, "answer.der");
    const [, revoked] = pki.leaves;
    const responder = ["-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ocsp.pem"];
    const asked = [
      "-rkey",
      "ocsp.key",
      "-issuer",
      "ca.pem",
      "-serial",
      `0x${revoked?.serialNumber}`,
    ];
    const out = ["-resp_key_id", "-ndays", "1", "-respout", file];
    mustRun("openssl", ["ocsp", ...responder, ...asked, ...out], pki.folder);
    const base64 = readFileSync(file).toString("base64");
    const script = `echo ${base64} | ${NODE} src/vouch.js explain - --json`;
    const { code, stdout } = await run("sh", ["-c", script], { cwd: ROOT });
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      type: "OCSPResponse",
      encoding: "base64",
      responseStatus: "successful",
      responses: [{ certStatus: "revoked", revocationReason: "superseded" }],
      signature: "verifies with certs[0]",
      certs: [{ subject: "CN=OCSP signer, C=VN" }],
      problems: [],
    });
    expect(code).toBe(0);
  });

  it("a v1 CRL of openssl's, and what it lacks", async () => {
    const { code, json } = await explained(join(pki.folder, "v1.crl"));
    const [, revoked] = pki.leaves;
    expect(json).toMatchObject({
      type: "CertificateList",
      version: 2,
      kind: "complete for its scope",
      revokedCertificates: {
        count: 1,
        reasons: { superseded: 1 },
        first: [{ serialNumber: revoked?.serialNumber, reason: "superseded" }],
      },
    });
    expect(json.problems.map(({ problem }: { problem: string }) => problem)).toEqual([
      "cRLNumber is missing",
      "authorityKeyIdentifier is missing",
    ]);
    expect(code).toBe(1);
  });

  it("a bundle gives one document with an element for each", async () => {
    const bundle = join(pki.folder, "bundle.pem");
    writeFileSync(bundle, pki.leaves.map(({ certificate }) => readFileSync(certificate)).join(""));
    const { json } = await explained(bundle);
    expect(json.map(({ serialNumber }: { serialNumber: string }) => serialNumber)).toEqual(
      pki.leaves.map(({ serialNumber }) => serialNumber),
    );
  });
});

/** Vector, what is said. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ["synthetic/031-nonce-000-empty-octetstring.der", /a nonce of 0 octets.*\(RFC 9654 2\.1\)/],
  ["synthetic/030-nonce-1024.der", /a nonce of 1024 octets/],
  ["synthetic/035-nonce-duplicate.der", /extension 1\.3\.6\.1\.5\.5\.7\.48\.1\.2 twice/],
  ["synthetic/036-nonce-in-singleRequestExtensions.der", /a nonce belongs to the whole message/],
  ["synthetic/038-ext-unknown-critical.der", /is critical and not known here.*\(RFC 6960 4\.4\)/],
  ["synthetic/040-ext-critical-false-explicit.der", /critical FALSE is the default/],
  ["synthetic/047-version-v1-explicit.der", /byte \d+: not DER: v1 is the default.*X\.690 11\.5/],
  ["synthetic/048-version-v2.der", /version v2, and there is only v1/],
  ["synthetic/052-list-empty.der", /it asks for no certificate/],
  ["synthetic/066-serial-negative.der", /a negative serialNumber/],
  ["synthetic/068-serial-21-octets.der", /a serialNumber of 21 octets/],
  ["synthetic/070-serial-nonminimal-00-prefix.der", /byte \d+: an INTEGER with a needless leading/],
  ["synthetic/013-hash-sha1-wrong-length-32.der", /issuerNameHash has 32 octets, sha1 makes 20/],
  ["synthetic/079-ber-indefinite.der", /not DER: a length that is not given \(indefinite\)/],
  ["golden/bad.no-next-update.der", /nextUpdate: missing.*\(RFC 9919 3\.2\.4\)/],
  ["golden/bad.trailing-data.der", /more octets than belong in/],
  ["golden/bad.fraction-of-a-second.der", /the time ".*" is not YYYYMMDDHHMMSSZ/],
  ["golden/bad.needless-serial-octet.der", /an INTEGER with a needless leading octet/],
  ["golden/bad.empty-response-extensions.der", /a list of extensions with none in it/],
  ["golden/bad.indefinite-length.der", /not DER/],
  ["golden/bad.version-1-explicit.der", /v1 is the default/],
  ["golden/bad.try-later-with-an-answer.der", /tryLater, and yet with an answer/],
  ["golden/bad.successful-without-an-answer.der", /successful, and yet without an answer/],
  ["golden/bad.no-answer.der", /no SingleResponse in it/],
  ["golden/bad.signature-with-unused-bits.der", /a BIT STRING with unused bits/],
];

describe("what is wrong is said with its rule", () => {
  it.each(WRONG)("%s", (vector, says) => {
    const der = readFileSync(`${VECTORS}${vector}`);
    const explain =
      detectType(der, undefined) === "OCSPResponse" ? explainResponse : explainRequest;
    const { flaws } = explain(der);
    const errors = flaws.filter(({ weight }) => weight !== "advice");
    const lines = errors.map(({ where, problem, rule }) => `${where}: ${problem} (${rule})`);
    expect(lines.join("\n")).toMatch(says);
  });

  it("once what many places have alike", async () => {
    const file = join(pki.folder, "many.der");
    const serials = Array.from({ length: 200 }, (_, i) => ["-serial", `0x${i + 1}`]).flat();
    const asked = ["-issuer", "ca.pem", "-no_nonce", ...serials, "-reqout", file];
    mustRun("openssl", ["ocsp", ...asked], pki.folder);
    const { json } = await explained(file);
    const outdated = json.warnings.filter(({ problem }: { problem: string }) =>
      problem.startsWith("SHA-1"),
    );
    expect(outdated).toMatchObject([{ where: "requestList[0].reqCert and 199 more like it" }]);
    expect(json.requestList).toHaveLength(200);
  });

  it("exit 1, and a line for each", async () => {
    const vector = `${VECTORS}synthetic/031-nonce-000-empty-octetstring.der`;
    const { code, stdout } = await vouch(["explain", vector]);
    expect(stdout).toMatch(/^wrong: requestExtensions: a nonce of 0 octets.* \(RFC 9654 2\.1\)$/m);
    expect(stdout).toMatch(/^note: .*: clients of today ask with SHA-256 \(RFC 9919 3\.1\.1\)$/m);
    expect(stdout).not.toContain("\u001b");
    expect(code).toBe(1);
  });
});

describe("what cannot be explained is a clear error", () => {
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ["nothing", "", /is empty/],
    ["text", "hello, world", /is neither DER nor PEM nor base64/],
    ["other DER", "0\u0003\u0002\u0001\u0005", /no OCSP request or answer, CRL or certificate/],
    ["broken PEM", "-----BEGIN X509 CRL-----\nMIIB\n", /:1: bad PEM: no END X509 CRL line/],
  ];
  it.each(bad)("%s", async (_name, content, says) => {
    const file = join(pki.folder, "bad");
    writeFileSync(file, content);
    const { code, json } = await explained(file);
    expect(json.error).toMatchObject({ code: "badFile", message: expect.stringMatching(says) });
    expect(code).toBe(1);
  });

  it("PEM of something else, by its label", async () => {
    const { json } = await explained(pki.signer.key);
    expect(json.error.message).toMatch(/is PEM \("PRIVATE KEY"\), but no OCSP request/);
  });

  it("a file that is cut off", async () => {
    const { code, stderr } = await vouch(["explain", `${VECTORS}golden/bad.truncated.der`]);
    expect(stderr).toMatch(/says that \d+ octets follow, but \d+ are there/);
    expect(code).toBe(1);
  });

  it("no file", async () => {
    const { code, stderr } = await vouch(["explain", "/nowhere"]);
    expect(stderr).toMatch(/cannot read \/nowhere/);
    expect(code).toBe(1);
  });
});
