import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ECDSA, explicit, ocspResponse, octetString } from "../../ocsp/hand-made-response.ts";
import { makePki, type Pki } from "../../support/openssl-pki.ts";
import { mustRun } from "../../support/run-program.ts";
import { makeTlsFiles } from "../../support/tls-files.ts";
import { type VouchEnded, vouch } from "../../support/vouch-cli.ts";
import { OpensslResponder } from "./openssl-responder.ts";

let pki: Pki;
let other: Pki;
let responder: OpensslResponder;

const CACHED = {
  "cache-control": "max-age=60, public, no-transform, must-revalidate",
  etag: '"1"',
  expires: "Wed, 25 Nov 2026 00:00:00 GMT",
  "last-modified": "Wed, 25 Nov 2026 00:00:00 GMT",
};

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", name: "Query CA", leaves: 3 });
  other = makePki({ algorithm: "ec", name: "Query CA", leaves: 1 });
  const [, revoked] = pki.leaves;
  if (revoked) pki.revokeInIndex(revoked, ["-crl_reason", "keyCompromise"]);
  makeSigner("expired", "ocsp", ["-startdate", "20250101000000Z", "-enddate", "20260301120000Z"]);
  makeSigner("future", "ocsp", ["-startdate", "20400101000000Z", "-enddate", "20410101000000Z"]);
  makeSigner("purpose", "leaf", ["-startdate", "20250101000000Z", "-enddate", "20360101000000Z"]);
  makeSigner("weak", "ocsp", ["-days", "30", "-md", "sha1"], RSA_1024);
  for (const end of ["pem", "key"]) {
    copyFileSync(join(other.folder, `ocsp.${end}`), join(pki.folder, `foreign.${end}`));
    copyFileSync(join(pki.folder, `ca.${end}`), join(pki.folder, `direct.${end}`));
  }
  responder = new OpensslResponder(pki, {
    plain: { headers: CACHED },
    byKey: { args: ["-resp_key_id"] },
    direct: { signer: "direct" },
    expired: { signer: "expired" },
    future: { signer: "future" },
    purpose: { signer: "purpose" },
    weak: { signer: "weak", args: ["-rmd", "sha1"] },
    foreign: { signer: "foreign" },
    withoutCerts: { args: ["-resp_no_certs"] },
    stale: { change: () => staleAnswer() },
    nothing: { change: answerAboutNothing },
    forever: { change: (der) => der.subarray(0, 0) },
    flipped: { change: flipLast },
    mute: { raw: () => {} },
    dripping: { raw: drip },
    html: { raw: (response) => response.writeHead(200).end("<html>") },
    moved: { raw: (response) => response.writeHead(302, { location: "/plain" }).end() },
    gone: { raw: (response) => response.writeHead(404).end("no such page") },
    page: { raw: (response) => response.end("<html>\n<title>Login</title>") },
    cutShort: {
      raw: (response) =>
        raw(response, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n0"),
    },
    greeting: { raw: (response) => raw(response, "220 mail.example.vn ESMTP\r\n\r\n") },
    longHead: {
      raw: (response) => raw(response, `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
    },
    huge: { raw: (response) => response.writeHead(200).end(Buffer.alloc(1_000_000)) },
    later: { raw: (response) => tryLater(response) },
    typed: { headers: { "content-type": "application/octet-stream" } },
  });
  await responder.listen();
});

afterAll(() => {
  responder.close();
  pki.remove();
  other.remove();
});

/** Octets in the place of an HTTP answer. */
function raw(response: ServerResponse, octets: string): void {
  response.socket?.end(octets);
}

/** A certificate of the CA with these dates. */
function makeSigner(
  name: string,
  extensions: string,
  dates: readonly string[],
  algorithm: readonly string[] = P256,
): void {
  const openssl = (...args: string[]): string => mustRun("openssl", args, pki.folder);
  writeFileSync(join(pki.folder, "signers.txt"), "");
  writeFileSync(
    join(pki.folder, "signers.cnf"),
    `${readFileSync(join(pki.folder, "openssl.cnf"), "utf8")}
[signers]
database = signers.txt
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
`,
  );
  openssl("genpkey", "-quiet", "-algorithm", ...algorithm, "-out", `${name}.key`);
  openssl(...["req", "-new", "-config", "openssl.cnf", "-key", `${name}.key`], ...subject(name));
  const ca = ["-cert", "ca.pem", "-keyfile", "ca.key", "-in", "signer.req", "-notext", "-batch"];
  const how = ["-config", "signers.cnf", "-name", "signers", "-extensions", extensions];
  openssl("ca", ...how, ...ca, "-outdir", ".", ...dates, "-out", `${name}.pem`);
}

const P256 = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const RSA_1024 = ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"];

function subject(name: string): string[] {
  return ["-subj", `/CN=Signer ${name}`, "-out", "signer.req"];
}

function flipLast(der: Buffer): Buffer {
  const changed = Buffer.from(der);
  // The fourth octet of producedAt's seconds: the answer still decodes.
  const at = changed.indexOf(Buffer.from([0x18, 0x0f])) + 16;
  changed[at - 1] = (changed[at - 1] ?? 0) ^ 1;
  return changed;
}

/** An octet now and then, without an end. */
function drip(response: import("node:http").ServerResponse): void {
  response.writeHead(200, { "content-type": "application/ocsp-response" });
  const timer = setInterval(() => response.write("0"), 200);
  response.on("close", () => clearInterval(timer));
}

function tryLater(response: import("node:http").ServerResponse): void {
  response.writeHead(200, { "content-type": "application/ocsp-response" });
  response.end(Buffer.from("30030a0103", "hex"));
}

/** An answer of a golden vector: long expired, and for another CA. */
function staleAnswer(): Buffer {
  return readFileSync(new URL("../../vectors/golden/good.der", import.meta.url));
}

/** Of the right shape and time, without a SingleResponse. */
function answerAboutNothing(): Buffer {
  return ocspResponse({
    responderID: explicit(2, octetString(Buffer.alloc(20))),
    producedAt: `${new Date().toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`,
    responses: [],
    signatureAlgorithm: ECDSA,
    signature: Buffer.alloc(70),
  });
}

function ask(manner: string, ...more: string[]): Promise<VouchEnded> {
  const [good] = pki.leaves;
  const args = [responder.url(manner), "--issuer", pki.caCertificate, good?.certificate ?? ""];
  return vouch(["query", ...args, ...more], { json: true });
}

function problemsOf({ json }: VouchEnded): string {
  return json.answers[0].problems.map(({ problem }: { problem: string }) => problem).join("\n");
}

function warningsOf({ json }: VouchEnded): string {
  return json.answers[0].warnings.map(({ problem }: { problem: string }) => problem).join("\n");
}

describe("a good answer of openssl's responder", () => {
  it.each(["sha1", "sha256", "sha384", "sha512"])("CertID with %s", async (hash) => {
    const ended = await ask("plain", "--hash", hash, "--method", "get");
    expect(problemsOf(ended)).toBe("");
    expect(ended.code).toBe(0);
    expect(ended.json).toMatchObject({ ok: true, answers: [{ hash, certStatus: "good" }] });
    expect(ended.json.answers[0].signer).toMatchObject({ by: "delegate" });
    expect(warningsOf(ended)).toContain("signer is given by its name");
  });

  it("by key, by POST, with a nonce that is echoed", async () => {
    const ended = await ask("byKey", "--method", "post", "--nonce");
    expect(ended.code).toBe(0);
    expect(ended.json.answers[0]).toMatchObject({ method: "POST", nonce: "echoed", valid: true });
    expect(warningsOf(ended)).toBe("");
  });

  it("by the CA itself", async () => {
    const ended = await ask("direct");
    expect(ended.code).toBe(0);
    expect(ended.json.answers[0].signer.by).toBe("ca");
  });

  it("a GET's missing caching headers are told, and do not matter", async () => {
    const ended = await ask("byKey", "--method", "get");
    expect(ended.code).toBe(0);
    expect(warningsOf(ended)).toMatch(/no Cache-Control.*no Expires.*no ETag.*no Last-Modified/s);
  });

  it("asks by GET where the URL has at most 255 octets", async () => {
    const short = await ask("plain");
    expect(short.json.answers[0].method).toBe("GET");
    const long = await ask("plain", "--hash", "sha512");
    expect(long.json.answers[0].method).toBe("POST");
  });
});

it("what clients of today refuse is told: SHA-1, and short keys", async () => {
  const ended = await ask("weak");
  expect(ended.json.answers[0]).toMatchObject({ certStatus: "good", valid: true });
  expect(warningsOf(ended)).toMatch(
    /answer is signed with SHA-1.*certificate is signed with SHA-1/s,
  );
  expect(warningsOf(ended)).toContain("RSA key has 1024 bits");
});

describe("an answer that says no", () => {
  it("revoked: time and reason, exit 1", async () => {
    const [, revoked] = pki.leaves;
    const args = [responder.url("byKey"), "--issuer", pki.caCertificate];
    const ended = await vouch(["query", ...args, "--serial", revoked?.serialNumber ?? ""], {
      json: true,
    });
    expect(ended.code).toBe(1);
    expect(ended.json.answers[0]).toMatchObject({
      valid: true,
      certStatus: "revoked",
      reason: "keyCompromise",
      serialNumber: revoked?.serialNumber,
    });
  });

  it("unknown: exit 1", async () => {
    const args = [responder.url("byKey"), "--issuer", pki.caCertificate, "--serial", "99"];
    const ended = await vouch(["query", ...args], { json: true });
    expect(ended).toMatchObject({ code: 1, json: { answers: [{ certStatus: "unknown" }] } });
  });
});

/** Manner, options, what is said. */
const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["expired", [], /^the signer's certificate expired on 2026-03-01T12:00:00Z$/],
  ["future", [], /^the signer's certificate is not valid before 2040-01-01T00:00:00Z$/],
  ["purpose", [], /^the signer's certificate is not for OCSP signing: extendedKeyUsage lacks/],
  ["foreign", [], /^the signer's certificate bears this CA's name, but another key signed it/],
  ["withoutCerts", [], /whose certificate is neither in the answer nor --issuer$/],
  ["flipped", [], /^the signature does not verify with the key of "CN=OCSP signer, C=VN"/],
  ["mute", ["--timeout", "3s"], /took the connection and did not answer within 3 s$/],
  [
    "html",
    [],
    /^Content-Type is absent, not application\/ocsp-response\nthe body is no OCSP answer/,
  ],
  ["page", [], /the body is no OCSP answer, but text, "<html>\\n<title>Login<\/title>"$/],
  ["cutShort", [], /cut the connection amid its answer: less came than Content-Length says$/],
  ["greeting", [], /answers, but not in HTTP$/],
  ["longHead", [], /sent a head of HTTP larger than clients take$/],
  ["moved", [], /^HTTP 302, a redirection to \/plain, which OCSP clients do not follow/],
  ["gone", [], /^HTTP status 404 instead of 200$/],
  ["huge", [], /sent more than 256 KiB/],
  ["later", [], /^the responder says tryLater: it cannot answer now$/],
  ["typed", [], /^Content-Type is application\/octet-stream, not/],
  ["nothing", [], /^responses: no SingleResponse in it\n(?!.*other certificates)/s],
  ["forever", [], /^the answer is empty\nthe body is no OCSP answer/],
];

describe("what is wrong is said plainly", () => {
  it.each(WRONG)("%s", async (manner, options, says) => {
    const ended = await ask(manner, ...options);
    expect(problemsOf(ended)).toMatch(says);
    expect(ended.code).toBe(1);
    for (const { do: remedy } of ended.json.answers[0].problems) expect(remedy).not.toBe("");
  });

  it("every fault at once", async () => {
    const ended = await ask("stale");
    const problems = problemsOf(ended);
    expect(problems).toMatch(/the answer is for other certificates/);
    expect(problems).toMatch(/was signed by the key with SHA-1 .*, whose certificate|not by "CN=/);
    expect(ended.code).toBe(1);
  });

  it("for people: the verdict first, then what to do", async () => {
    const [good] = pki.leaves;
    const args = [responder.url("expired"), "--issuer", pki.caCertificate, good?.certificate ?? ""];
    const { code, stdout } = await vouch(["query", ...args]);
    expect(code).toBe(1);
    expect(stdout).toContain(": good, not to be relied on\n");
    expect(stdout).toMatch(
      /wrong: the signer's certificate expired on .*\n {4}issue the responder/,
    );
    expect(stdout).not.toContain("\u001b");
  });

  it("a certificate of another CA", async () => {
    const [foreign] = other.leaves;
    const args = [responder.url("byKey"), "--issuer", pki.caCertificate];
    const ended = await vouch(["query", ...args, foreign?.certificate ?? ""], { json: true });
    expect(problemsOf(ended)).toMatch(/not by the key of --issuer/);
  });

  it("TLS with whom nobody trusts, and with who speaks none", async () => {
    const { certificate, key } = makeTlsFiles("ocsp.example.vn", pki.folder);
    const secure = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    await once(secure.listen(0, "127.0.0.1"), "listening");
    const { port } = secure.address() as AddressInfo;
    const args = ["--issuer", pki.caCertificate, "--serial", "1"];
    const untrusted = await vouch(["query", `https://127.0.0.1:${port}/`, ...args], { json: true });
    secure.close();
    expect(problemsOf(untrusted)).toMatch(/TLS certificate of 127\.0\.0\.1:\d+ is by no CA that/);
    const url = responder.url("byKey").replace("http:", "https:");
    const plain = await vouch(["query", url, ...args], { json: true });
    expect(problemsOf(plain)).toMatch(/^127\.0\.0\.1:\d+ does not speak TLS$/);
  });

  it("nobody listens", async () => {
    const args = ["http://127.0.0.1:1", "--issuer", pki.caCertificate, "--serial", "1"];
    const ended = await vouch(["query", ...args], { json: true });
    expect(problemsOf(ended)).toBe("nobody listens at 127.0.0.1:1");
    expect(ended.code).toBe(1);
  });
});

describe("--file", () => {
  it("takes serial numbers, also where the first begins with 0, as the tag of a SEQUENCE looks", async () => {
    const list = join(pki.folder, "padded.txt");
    writeFileSync(list, pki.leaves.map(({ serialNumber }) => `0${serialNumber}\n`).join(""));
    const args = [responder.url("byKey"), "--issuer", pki.caCertificate, "--file", list];
    const ended = await vouch(["query", ...args], { json: true });
    expect(ended.json.answers).toHaveLength(pki.leaves.length);
  });
});

describe("--compare", () => {
  it("finds no difference between two that say the same", async () => {
    const list = join(pki.folder, "serials.txt");
    writeFileSync(list, `${pki.leaves.map(({ serialNumber }) => serialNumber).join("\n")}\n99\n`);
    const urls = ["--compare", responder.url("byKey"), responder.url("direct")];
    const ended = await vouch(["query", ...urls, "--issuer", pki.caCertificate, "--file", list], {
      json: true,
    });
    expect(ended.code).toBe(0);
    expect(ended.json).toMatchObject({
      compared: 4,
      same: 4,
      different: 0,
      statuses: { good: 2, revoked: 1, unknown: 1 },
    });
  });

  it("counts what differs, and shows it", async () => {
    const urls = ["--compare", responder.url("byKey"), responder.url("later")];
    const bundle = join(pki.folder, "bundle.pem");
    writeFileSync(bundle, pki.leaves.map((leaf) => readFileSync(leaf.certificate)).join(""));
    const args = ["query", ...urls, "--issuer", pki.caCertificate, "--file", bundle];
    const ended = await vouch(args, { json: true });
    expect(ended.code).toBe(1);
    expect(ended.json).toMatchObject({
      different: 3,
      counts: { status: 3, reason: 0, revocationDate: 0, errors: 0 },
      statuses: { "good/tryLater": 2, "revoked/tryLater": 1 },
    });
    const { stdout } = await vouch(args);
    expect(stdout).toContain("3 of 3 differ");
    expect(stdout).toContain("first says good\n  second says tryLater");
  });

  it("two that are both wrong do not pass for good ones", async () => {
    const [good] = pki.leaves;
    const urls = ["--compare", responder.url("flipped"), responder.url("expired")];
    const args = ["query", ...urls, "--issuer", pki.caCertificate, good?.certificate ?? ""];
    const ended = await vouch(args, { json: true });
    expect(ended.json).toMatchObject({ same: 1, bothWrong: 1, statuses: { good: 1 } });
    const { stdout } = await vouch(args);
    expect(stdout).toMatch(/^not to be relied on from either +1$/m);
  });

  it("an invalid signer on one side is a difference in errors", async () => {
    const [good] = pki.leaves;
    const urls = ["--compare", responder.url("byKey"), responder.url("expired")];
    const args = ["query", ...urls, "--issuer", pki.caCertificate, good?.certificate ?? ""];
    const ended = await vouch(args, { json: true });
    expect(ended.json.counts).toEqual({ status: 0, reason: 0, revocationDate: 0, errors: 1 });
  });
});

describe("wrong usage exits 2", () => {
  const wrong: [string, string[], RegExp][] = [
    ["no issuer", ["http://x"], /required option '--issuer <file>'/],
    ["no certificate", ["http://x", "--issuer", "CA"], /no certificate to ask about/],
    ["no URL", ["ocsp.example.vn", "--issuer", "CA", "--serial", "1"], /is no URL of a responder/],
    ["no serial number", ["http://x", "--issuer", "CA", "--serial", "xyz"], /no serial number/],
    ["no hash", ["http://x", "--issuer", "CA", "--hash", "md5"], /Allowed choices are sha1/],
    ["a fragment", ["http://x/#y", "--issuer", "CA", "--serial", "1"], /is no URL of a responder/],
    ["a password", ["http://a:b@x", "--issuer", "CA", "--serial", "1"], /is no URL of a responder/],
    ["no time", ["http://x", "--issuer", "CA", "--serial", "1", "--timeout", "0"], /--timeout: no/],
    ["no duration", ["http://x", "--issuer", "CA", "--skew", "long"], /--skew: "long"/],
  ];
  it.each(wrong)("%s", async (_name, args, says) => {
    const given = args.map((arg) => (arg === "CA" ? pki.caCertificate : arg));
    const { code, stderr } = await vouch(["query", ...given]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
