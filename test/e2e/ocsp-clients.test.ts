import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peekAnswer, SHA1, SHA256 } from "../support/der-peek.ts";
import { needs } from "../support/has-program.ts";
import { ocspPath, ocspRequest, onlyStatus, postOcsp } from "../support/ocsp-client.ts";
import { type Leaf, makePki, type Pki } from "../support/openssl-pki.ts";
import { run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

const SIGNERS = [
  { name: "ec-delegate", algorithm: "ec", direct: false, ca: "CA phục vụ các cơ quan Nhà nước G2" },
  { name: "ec-direct", algorithm: "ec", direct: true, ca: "Direct P-256 CA" },
  { name: "rsa-delegate", algorithm: "rsa", direct: false, ca: "Delegating RSA CA" },
  { name: "rsa-direct", algorithm: "rsa", direct: true, ca: "CA chuyên dùng Chính phủ" },
] as const;

const ocsptool = needs("ocsptool", "apt-get install gnutls-bin");
const curl = needs("curl", "apt-get install curl");

let site: Site;
let foreign: Pki;
const pkis = new Map<string, Pki>();

function pkiOf(name: string): { pki: Pki; good: Leaf; revoked: Leaf } {
  const pki = pkis.get(name);
  const [good, revoked] = pki?.leaves ?? [];
  if (pki === undefined || good === undefined || revoked === undefined) throw new Error(name);
  return { pki, good, revoked };
}

beforeAll(async () => {
  foreign = makePki({ algorithm: "ec", name: "Foreign CA", leaves: 1 });
  for (const { name, algorithm, direct, ca } of SIGNERS) {
    const pki = makePki({ algorithm, direct, name: ca, leaves: 3 });
    pkis.set(name, pki);
    pki.revokeInIndex(pkiOf(name).revoked, ["-crl_reason", "keyCompromise"]);
  }
  site = await startSite({ issuers: [...pkis].map(([name, pki]) => ({ name, pki })) });
});

afterAll(async () => {
  foreign?.remove();
  await site?.close();
});

/** Asks as an operator would: both streams of `openssl ocsp`, verified against the CA. */
async function opensslOcsp(pki: Pki, hash: string, asked: readonly string[]): Promise<string> {
  const ca = ["-issuer", pki.caCertificate, "-CAfile", pki.caCertificate];
  const url = ["-url", `${site.daemon.url}/ocsp`];
  const { stdout, stderr } = await run("openssl", ["ocsp", ...ca, hash, ...asked, ...url]);
  return `${stdout}\n${stderr}`;
}

describe.each(SIGNERS)("$name", ({ name, algorithm, direct }) => {
  it.each(["-sha1", "-sha256"])("openssl ocsp %s: good, verified", async (hash) => {
    const { pki, good } = pkiOf(name);
    const said = await opensslOcsp(pki, hash, ["-cert", good.certificate]);
    expect(said).toContain("Response verify OK");
    expect(said).toContain(`${good.certificate}: good`);
    expect(said).toMatch(/Next Update: /);
  });

  it.each(["-sha1", "-sha256"])("openssl ocsp %s: revoked, with time and reason", async (hash) => {
    const { pki, revoked } = pkiOf(name);
    const said = await opensslOcsp(pki, hash, ["-no_nonce", "-cert", revoked.certificate]);
    expect(said).toContain("Response verify OK");
    expect(said).toContain(`${revoked.certificate}: revoked`);
    expect(said).toContain("Reason: keyCompromise");
    const told = Date.parse(/Revocation Time: (.*)/.exec(said)?.[1] ?? "");
    expect(told).toBe(revokedInIndex(pki, revoked));
  });

  it.each(["-sha1", "-sha256"])(
    "openssl ocsp %s: a serial number that was never issued is unauthorized",
    async (hash) => {
      const { pki } = pkiOf(name);
      const said = await opensslOcsp(pki, hash, ["-serial", "0x0123456789abcdef"]);
      expect(said).toContain("Responder Error: unauthorized (6)");
    },
  );

  it.each(["sha1", "sha256"] as const)(
    "the answer for %s is as small and as exact as it can be",
    async (hash) => {
      const { pki, good } = pkiOf(name);
      const before = Date.now();
      const { body, status } = await postOcsp(
        site.daemon.url,
        ocspRequest(pki, good.serialNumber, { hash }),
      );
      expect(status).toBe(200);
      expect(peekAnswer(body)).toMatchObject({
        byKey: true,
        certificates: direct ? 0 : 1,
        extensions: 0,
      });
      const single = onlyStatus(body);
      expect(single).toMatchObject({
        hash: hash === "sha1" ? SHA1 : SHA256,
        hashNull: true,
        serialNumber: good.serialNumber,
        certStatus: "good",
      });
      expectTimes(body, before);
      if (algorithm === "ec" && direct)
        expect(body.length).toBeLessThan(hash === "sha1" ? 325 : 355);
    },
  );

  ocsptool("ocsptool: good and revoked, verified", async () => {
    const { pki, good, revoked } = pkiOf(name);
    for (const [leaf, wanted] of [
      [good, "good"],
      [revoked, "revoked"],
    ] as const) {
      const which = ["--load-issuer", pki.caCertificate, "--load-cert", leaf.certificate];
      const said = await run("ocsptool", [`--ask=${site.daemon.url}/ocsp`, ...which]);
      expect(said.stdout).toContain(`Certificate Status: ${wanted}`);
      expect(said.stdout).toContain("Verifying OCSP Response: Success");
      expect(said.code).toBe(0);
    }
  });

  curl("curl: POST and GET give the same answer, which openssl verifies", async () => {
    const { pki, good } = pkiOf(name);
    const der = ocspRequest(pki, good.serialNumber);
    const [asked, posted, got] = ["asked.der", "posted.der", "got.der"].map((file) =>
      join(pki.folder, file),
    ) as [string, string, string];
    writeFileSync(asked, der);
    const type = ["-H", "Content-Type: application/ocsp-request"];
    const out = ["-sS", "-w", "%{http_code} %{content_type}"];
    const post = await run("curl", [
      ...out,
      ...type,
      "--data-binary",
      `@${asked}`,
      "-o",
      posted,
      `${site.daemon.url}/ocsp`,
    ]);
    const get = await run("curl", [...out, "-o", got, `${site.daemon.url}${ocspPath(der)}`]);
    expect(post.stdout).toBe("200 application/ocsp-response");
    expect(get.stdout).toBe("200 application/ocsp-response");
    expect(readFileSync(got)).toEqual(readFileSync(posted));
    const checked = ["-respin", got, "-issuer", pki.caCertificate, "-cert", good.certificate];
    const verified = await run("openssl", ["ocsp", ...checked, "-CAfile", pki.caCertificate]);
    expect(verified.stderr).toContain("Response verify OK");
    expect(verified.stdout).toContain(": good");
  });
});

it.each(["-sha1", "-sha256"])("a CA that is not served is unauthorized (%s)", async (hash) => {
  const [leaf] = foreign.leaves;
  const said = await opensslOcsp(foreign, hash, ["-cert", leaf?.certificate ?? ""]);
  expect(said).toContain("Responder Error: unauthorized (6)");
});

it("an answer of one CA does not verify for another", async () => {
  const { pki, good } = pkiOf("ec-delegate");
  const other = pkiOf("rsa-delegate").pki;
  const ca = ["-issuer", pki.caCertificate, "-CAfile", other.caCertificate];
  const asked = ["ocsp", ...ca, "-cert", good.certificate, "-url", `${site.daemon.url}/ocsp`];
  expect((await run("openssl", asked)).stderr).toMatch(/Response Verify Failure/i);
});

/** When the CA's database says that it revoked a certificate. */
function revokedInIndex(pki: Pki, leaf: Leaf): number {
  const line = readFileSync(pki.index, "utf8")
    .split("\n")
    .find((text) => text.toLowerCase().includes(`\t${leaf.serialNumber}\t`));
  const time = /^R\t\d+Z\t(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z/.exec(line ?? "");
  const [year, month, day, hour, minute, second] = time?.slice(1) ?? [];
  return Date.parse(`20${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** RFC 6960 2.4, and what the configuration's defaults make of it. */
function expectTimes(body: Buffer, before: number): void {
  const { thisUpdate, nextUpdate } = onlyStatus(body);
  const producedAt = peekAnswer(body).producedAt?.getTime() ?? Number.NaN;
  expect(thisUpdate.getTime()).toBeLessThanOrEqual(producedAt);
  expect(producedAt).toBeLessThanOrEqual(Date.now());
  expect(nextUpdate?.getTime() ?? 0).toBeGreaterThan(before);
  expect((nextUpdate?.getTime() ?? 0) - thisUpdate.getTime()).toBe(86_399_000);
}
