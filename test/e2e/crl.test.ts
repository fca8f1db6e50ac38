import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { type Answer, request } from "../support/http-client.ts";
import { ocspRequest, onlyStatus, postOcsp, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun, run } from "../support/run-program.ts";
import { aTime, CRL_KEYS, expectKeys, expectRefusal } from "../support/shapes.ts";
import { type Site, startSite } from "../support/site.ts";

const MORE_PATH = "/pki/pub/crl/gov-1.crl";
const CER_PATH = "/pki/pub/crt/gov-1.crt";
const SIGNERS = ["ec", "rsa"] as const;

const pkis = new Map<string, Pki>();
let site: Site;

beforeAll(async () => {
  for (const algorithm of SIGNERS) {
    pkis.set(algorithm, makePki({ algorithm, leaves: 6, name: `CA số ${algorithm}` }));
  }
  const issuers = [...pkis].map(([name, pki]) => ({
    name,
    pki,
    ...(name === "ec" ? { crl: { paths: [MORE_PATH] }, more: { paths: [CER_PATH] } } : {}),
  }));
  const none = { name: "none", pki: makePki({ algorithm: "ec", leaves: 1 }), crl: false as const };
  site = await startSite({ issuers: [...issuers, none] });
});

afterAll(async () => {
  await site?.close();
});

function pkiOf(name: string): Pki {
  const pki = pkis.get(name);
  if (pki === undefined) throw new Error(name);
  return pki;
}

async function issue(name: string): Promise<PublishedCRL> {
  const done = await site.vouch(["crl", "issue", name], { json: true });
  expect(done.code).toBe(0);
  return done.json;
}

function fetchCrl(
  name: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  return request(`${site.daemon.url}/crl/${name}.crl`, { headers, method });
}

/** Saves the CRL that is served, and gives what openssl prints of it. */
async function crlText(name: string, file: string): Promise<string> {
  writeFileSync(file, (await fetchCrl(name)).body);
  return mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
}

describe.each(SIGNERS)("a CRL signed with %s", (name) => {
  it("is what openssl expects: v2, verified, AKI, CRLNumber, no entries", async () => {
    const published = await issue(name);
    const file = join(site.places.folder, `${name}-0.crl`);
    const text = await crlText(name, file);
    expect(text).toContain("Version 2");
    expect(text).toContain("No Revoked Certificates");
    expect(text).toContain("X509v3 Authority Key Identifier");
    const ca = pkiOf(name).caCertificate;
    const verified = await run("openssl", [
      "crl",
      "-inform",
      "DER",
      "-in",
      file,
      "-CAfile",
      ca,
      "-noout",
    ]);
    expect(verified.stderr).toContain("verify OK");
    const number = mustRun("openssl", [
      "crl",
      "-inform",
      "DER",
      "-in",
      file,
      "-noout",
      "-crlnumber",
    ]);
    expect(BigInt(number.trim().replace("crlNumber=", ""))).toBe(BigInt(published.crlNumber));
  });

  it("lists what was revoked, with OCSP's time and reason; its CRLNumber rises", async () => {
    const [compromised, unspecified] = pkiOf(name).leaves.map((leaf) => leaf.serialNumber);
    const before = await issue(name);
    const at = ["--at", "2026-11-02T03:04:05Z"];
    await site.vouch(["revoke", name, compromised ?? "", "--reason", "keyCompromise", ...at]);
    await site.vouch(["revoke", name, unspecified ?? "", "--reason", "unspecified"]);
    const after = await issue(name);
    expect(BigInt(after.crlNumber)).toBeGreaterThan(BigInt(before.crlNumber));
    expect(after.entries).toBe(before.entries + 2);
    const text = await crlText(name, join(site.places.folder, `${name}-1.crl`));
    const entry = new RegExp(`Serial Number: 0*${compromised}\n.*Nov  2 03:04:05 2026 GMT`, "i");
    expect(text).toMatch(entry);
    expect(text.match(/X509v3 CRL Reason Code/g)).toHaveLength(1);
    expect(text).toContain("Key Compromise");
    const der = ocspRequest(pkiOf(name), compromised ?? "");
    await untilOcspSays(site.daemon.url, der, "revoked");
    const { revocationTime } = onlyStatus((await postOcsp(site.daemon.url, der)).body);
    expect(revocationTime?.toISOString()).toBe("2026-11-02T03:04:05.000Z");
  });

  it("openssl verify -crl_check: good passes, revoked does not", async () => {
    const [revoked, , good] = pkiOf(name).leaves;
    const file = join(site.places.folder, `${name}-2.crl`);
    await crlText(name, file);
    const pem = `${file}.pem`;
    mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-out", pem]);
    const check = ["verify", "-crl_check", "-CAfile", pkiOf(name).caCertificate, "-CRLfile", pem];
    const passed = await run("openssl", [...check, good?.certificate ?? ""]);
    expect(`${passed.stdout}${passed.stderr}`).toContain(": OK");
    expect(passed.code).toBe(0);
    const failed = await run("openssl", [...check, revoked?.certificate ?? ""]);
    expect(`${failed.stdout}${failed.stderr}`).toContain("certificate revoked");
    expect(failed.code).not.toBe(0);
  });

  it("`crl issue` and `crl list` tell what is served", async () => {
    const published = await issue(name);
    expectKeys(published, CRL_KEYS);
    const { body } = await fetchCrl(name);
    expect(published).toMatchObject({
      issuer: name,
      scope: "full",
      crlNumber: expect.stringMatching(/^\d+$/),
      baseCRLNumber: null,
      thisUpdate: aTime,
      nextUpdate: aTime,
      bytes: body.length,
      sha256: createHash("sha256").update(body).digest("hex"),
      refused: null,
    });
    expect(isAbsolute(published.file)).toBe(true);
    expect(readFileSync(published.file).equals(body)).toBe(true);
    expect(statSync(published.file).size).toBe(published.bytes);
    const listed = (await site.vouch(["crl", "list"], { json: true })).json as PublishedCRL[];
    expect(listed).toContainEqual(published);
    const numbers = listed.filter((crl) => crl.issuer === name).map((crl) => crl.crlNumber);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe("a CRL over HTTP", () => {
  it("has caching headers, and the same octets under every path", async () => {
    const published = await issue("ec");
    const { status, headers, body } = await fetchCrl("ec");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/pkix-crl");
    expect(headers["content-length"]).toBe(String(body.length));
    expect(headers["last-modified"]).toBe(new Date(published.thisUpdate).toUTCString());
    expect(headers.expires).toBe(new Date(published.nextUpdate).toUTCString());
    expect(headers.etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(headers["cache-control"]).toMatch(/max-age=\d+/);
    expect(headers["content-encoding"]).toBeUndefined();
    const more = await request(`${site.daemon.url}${MORE_PATH}`);
    expect(more.body.equals(body)).toBe(true);
    expect(more.headers.etag).toBe(headers.etag);
  });

  it("answers HEAD and 304, and a new CRL ends the 304", async () => {
    const { headers, body } = await fetchCrl("ec");
    const tag = { "if-none-match": headers.etag ?? "" };
    const head = await fetchCrl("ec", {}, "HEAD");
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers["content-length"]).toBe(String(body.length));
    expect(head.headers.etag).toBe(headers.etag);
    const unchanged = await fetchCrl("ec", tag);
    expect([unchanged.status, unchanged.body.length]).toEqual([304, 0]);
    expect(unchanged.headers.etag).toBe(headers.etag);
    const since = { "if-modified-since": headers["last-modified"] ?? "" };
    expect((await fetchCrl("ec", since)).status).toBe(304);
    await issue("ec");
    expect((await fetchCrl("ec", tag)).status).toBe(200);
  });

  it("an issuer without CRLs has none: 404, and `crl issue` says so", async () => {
    expect((await fetchCrl("none")).status).toBe(404);
    const done = await site.vouch(["crl", "issue", "none"], { json: true });
    expect(done.code).toBe(1);
    expectRefusal(done.json, "noCRL");
  });
});

it.each(["/ca/ec.cer", CER_PATH])("the CA certificate is served at %s", async (path) => {
  const { status, headers, body } = await request(`${site.daemon.url}${path}`);
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("application/pkix-cert");
  expect(headers["content-length"]).toBe(String(body.length));
  expect(headers.etag).toMatch(/^"/);
  const pem = readFileSync(pkiOf("ec").caCertificate);
  expect(body.equals(new X509Certificate(pem).raw)).toBe(true);
  const tag = { "if-none-match": headers.etag ?? "" };
  expect((await request(`${site.daemon.url}${path}`, { headers: tag })).status).toBe(304);
});
