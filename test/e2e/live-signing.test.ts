import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import type { HashName } from "../../src/ocsp/hash.ts";
import type { CertID } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { needs } from "../support/has-program.ts";
import type { Answer } from "../support/http-client.ts";
import { caCertID } from "../support/live-request.ts";
import { ocspPath, ocspRequest, postOcsp } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { parsePrometheus } from "../support/prometheus-text.ts";
import { run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

const ocsptool = needs("ocsptool", "apt-get install gnutls-bin");

let site: Site;
const pkis: Record<string, Pki> = {};

const OCSP = {
  ec: {},
  rsa: { unissued: "unknown" },
  extended: { unissued: "revoked" },
  quiet: { nonce: "ignore" },
} as const;
type Name = keyof typeof OCSP;

beforeAll(async () => {
  for (const name of Object.keys(OCSP)) {
    const algorithm = name === "rsa" ? "rsa" : "ec";
    pkis[name] = makePki({ algorithm, name: `CA ${name}`, leaves: 4 });
  }
  const issuers = Object.entries(OCSP).map(([name, ocsp]) => ({ name, pki: pkiOf(name), ocsp }));
  pkiOf("ec").revokeInIndex(leaf("ec", 1), ["-crl_reason", "superseded"]);
  site = await startSite({ issuers });
});

afterAll(async () => {
  await site?.close();
});

function pkiOf(name: string): Pki {
  const pki = pkis[name];
  if (!pki) throw new Error(name);
  return pki;
}

function leaf(name: string, number: number): Pki["leaves"][number] {
  const found = pkiOf(name).leaves[number];
  if (!found) throw new Error(`${name} ${number}`);
  return found;
}

const certID = (name: Name, number: number, hash: HashName = "sha1"): CertID =>
  caCertID(pkiOf(name).caCertificate, leaf(name, number).serialNumber, hash);
const unissued = (name: Name, serialNumber = "0123456789abcdef"): CertID =>
  caCertID(pkiOf(name).caCertificate, serialNumber, "sha256");
const nonceOf = (octets: Uint8Array): Buffer => element(0x04, octets);

async function ask(certIDs: readonly CertID[], nonce?: Uint8Array): Promise<Answer> {
  const answer = await postOcsp(site.daemon.url, encodeRequest(certIDs, nonce));
  expect(answer.status).toBe(200);
  return answer;
}

/** What `openssl ocsp` says to this question, both streams. */
async function opensslOcsp(name: Name, asked: readonly string[]): Promise<string> {
  const { caCertificate } = pkiOf(name);
  const ca = ["-issuer", caCertificate, "-CAfile", caCertificate];
  const url = ["-url", `${site.daemon.url}/ocsp`];
  const { stdout, stderr } = await run("openssl", ["ocsp", ...ca, ...asked, ...url]);
  return `${stdout}\n${stderr}`;
}

describe("with a nonce", () => {
  it.each(["ec", "rsa"] as const)("openssl ocsp (%s): good, verified, no warning", async (name) => {
    const said = await opensslOcsp(name, ["-nonce", "-cert", leaf(name, 0).certificate]);
    expect(said).toContain("Response verify OK");
    expect(said).toContain(": good");
    expect(said).not.toMatch(/WARNING|nonce/i);
  });

  ocsptool("ocsptool: good, verified", async () => {
    const { caCertificate } = pkiOf("ec");
    const which = ["--load-issuer", caCertificate, "--load-cert", leaf("ec", 0).certificate];
    const asked = ["--nonce", `--ask=${site.daemon.url}/ocsp`, ...which];
    const said = await run("ocsptool", asked);
    expect(said.stdout).toContain("Certificate Status: good");
    expect(said.stdout).toContain("Verifying OCSP Response: Success");
    expect(`${said.stdout}${said.stderr}`).not.toMatch(/nonce.*(missing|mismatch|not)/i);
    expect(said.code).toBe(0);
  });

  it.each([1, 16, 32, 33, 128])(
    "of %i octets: it is echoed, and the answer is for its asker",
    async (length) => {
      const nonce = nonceOf(randomBytes(length));
      const answer = await ask([certID("ec", 0)], nonce);
      expect(peekAnswer(answer.body)).toMatchObject({
        nonce: nonce.toString("hex"),
        extensions: 1,
      });
      expect(answer.headers["cache-control"]).toBe("private, max-age=0, must-revalidate");
      expect(answer.headers["etag"]).toBeUndefined();
      expect(answer.headers["content-type"]).toBe("application/ocsp-response");
    },
  );

  it("without the inner OCTET STRING: it is echoed as it came", async () => {
    const raw = Buffer.from("a nonce as of RFC 2560");
    expect(peekAnswer((await ask([certID("ec", 0)], raw)).body).nonce).toBe(raw.toString("hex"));
  });

  it("by GET, as by POST", async () => {
    const nonce = nonceOf(randomBytes(16));
    const path = ocspPath(encodeRequest([certID("ec", 0)], nonce));
    const response = await fetch(site.daemon.url + path);
    const body = Buffer.from(await response.arrayBuffer());
    expect(peekAnswer(body)).toMatchObject({ nonce: nonce.toString("hex") });
    expect(response.headers.get("cache-control")).toBe("private, max-age=0, must-revalidate");
  });

  it("times: signed now, thisUpdate backdated, never earlier than the pre-signed answer's", async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const live = peekAnswer((await ask([certID("ec", 0)], nonceOf(randomBytes(16)))).body);
    const stored = peekAnswer((await ask([certID("ec", 0)])).body);
    const producedAt = live.producedAt?.getTime() ?? 0;
    expect(producedAt).toBeGreaterThanOrEqual(before);
    expect(producedAt).toBeLessThanOrEqual(Date.now());
    const [single] = live.single;
    const thisUpdate = single?.thisUpdate.getTime() ?? 0;
    expect(producedAt - thisUpdate).toBeLessThanOrEqual(300_000);
    expect(thisUpdate).toBeGreaterThanOrEqual(stored.single[0]?.thisUpdate.getTime() ?? 0);
    expect((single?.nextUpdate?.getTime() ?? 0) - thisUpdate).toBe(86_399_000);
  });

  it("of a revoked certificate: revoked, with its time and reason", async () => {
    const [live] = peekAnswer((await ask([certID("ec", 1)], nonceOf(randomBytes(16)))).body).single;
    const [stored] = peekAnswer((await ask([certID("ec", 1)])).body).single;
    expect(live).toMatchObject({ certStatus: "revoked", reason: 4 });
    expect(live?.revocationTime).toEqual(stored?.revocationTime);
  });

  it("where it is ignored: the pre-signed answer, and a critical one is refused", async () => {
    const nonce = nonceOf(randomBytes(16));
    const answer = await ask([certID("quiet", 0)], nonce);
    expect(answer.body).toEqual((await ask([certID("quiet", 0)])).body);
    expect(answer.headers["cache-control"]).toMatch(/^max-age=\d+, public/);
    const refused = await postOcsp(site.daemon.url, critical([certID("quiet", 0)], nonce));
    expect(peekAnswer(refused.body).responseStatus).toBe("malformedRequest");
    const several = peekAnswer((await ask([certID("quiet", 0), certID("quiet", 1)], nonce)).body);
    expect(several.single.map(({ certStatus }) => certStatus)).toEqual(["good", "good"]);
    expect(several.nonce).toBeUndefined();
  });

  it("that is critical: it is echoed", async () => {
    const nonce = nonceOf(randomBytes(16));
    const answer = await postOcsp(site.daemon.url, critical([certID("ec", 0)], nonce));
    expect(peekAnswer(answer.body)).toMatchObject({ nonce: nonce.toString("hex") });
  });
});

/** The same request with its nonce marked critical. */
function critical(certIDs: readonly CertID[], nonce: Uint8Array): Buffer {
  const plain = encodeRequest(certIDs, nonce);
  const extension = plain.subarray(plain.length - nonce.length - 2);
  const oidAt = plain.length - extension.length - 11;
  const inner = Buffer.concat([
    plain.subarray(oidAt, oidAt + 11),
    Buffer.of(0x01, 0x01, 0xff),
    extension,
  ]);
  const extensions = element(0xa2, element(0x30, element(0x30, inner)));
  const list = encodeRequest(certIDs, undefined);
  return element(0x30, element(0x30, inside(inside(list)), extensions));
}

/** The content of a DER element. */
function inside(der: Buffer): Buffer {
  const first = der[1] ?? 0;
  return der.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}

describe("several CertIDs", () => {
  it("openssl ocsp: three certificates, three hashes, one answer", async () => {
    const asked = [0, 1, 2].flatMap((number) => [
      ["-sha1", "-sha256", "-sha384"][number] ?? "",
      "-cert",
      leaf("ec", number).certificate,
    ]);
    const said = await opensslOcsp("ec", asked);
    expect(said).toContain("Response verify OK");
    expect(said).toContain(`${leaf("ec", 0).certificate}: good`);
    expect(said).toContain(`${leaf("ec", 1).certificate}: revoked`);
    expect(said).toContain(`${leaf("ec", 2).certificate}: good`);
  });

  it("20 are answered in the order of the request, 21 are malformed", async () => {
    const twenty = Array.from({ length: 20 }, (_, i) =>
      certID("rsa", i % 4, i < 10 ? "sha512" : "sha1"),
    );
    const { single } = peekAnswer((await ask(twenty)).body);
    expect(single.map(({ serialNumber }) => serialNumber)).toEqual(
      twenty.map((_, i) => leaf("rsa", i % 4).serialNumber),
    );
    const { responseStatus } = peekAnswer((await ask([...twenty, certID("rsa", 0)])).body);
    expect(responseStatus).toBe("malformedRequest");
  });

  it("of several CAs: those of another than the first known one are unknown", async () => {
    const says = async (...asked: CertID[]): Promise<string[]> =>
      peekAnswer((await ask(asked)).body).single.map(({ certStatus }) => certStatus);
    expect(await says(certID("ec", 0), certID("rsa", 0))).toEqual(["good", "unknown"]);
    expect(await says(certID("rsa", 0), certID("ec", 1))).toEqual(["good", "unknown"]);
    expect(await says(unissued("ec"), certID("ec", 1), foreign())).toEqual([
      ...["unknown", "revoked", "unknown"],
    ]);
  });

  it("all of foreign CAs, or none ever issued: unauthorized", async () => {
    expect(peekAnswer((await ask([foreign(), foreign()])).body).responseStatus).toBe(
      "unauthorized",
    );
    const none = [unissued("ec"), unissued("ec", "0fedcba9")];
    expect(peekAnswer((await ask(none)).body).responseStatus).toBe("unauthorized");
  });

  it("without a nonce: for caches, with an ETag", async () => {
    const { headers } = await ask([certID("ec", 0), certID("ec", 1)]);
    expect(headers["cache-control"]).toMatch(
      /^max-age=\d+, public, no-transform, must-revalidate$/,
    );
    expect(headers["etag"]).toMatch(/^"[0-9a-f]{32}"$/);
    expect(Date.parse(headers["expires"] ?? "")).toBeGreaterThan(Date.now());
  });
});

/** The sum of a metric's samples with this label. */
async function counted(
  metric: string,
  label: string,
  value: string,
  kind?: string,
): Promise<number> {
  const text = await (await fetch(`${site.daemon.opsUrl}/metrics`)).text();
  return parsePrometheus(text)
    .samples.filter(({ name, labels }) => name === metric && labels[label] === value)
    .filter(({ labels }) => kind === undefined || labels["kind"] === kind)
    .reduce((sum, sample) => sum + sample.value, 0);
}

function signedLive(issuer: Name): Promise<number> {
  return counted("vouch_ocsp_answers_signed_total", "issuer", issuer, "live");
}

function foreign(): CertID {
  return { ...certID("ec", 0), issuerKeyHash: Buffer.alloc(20, 9) };
}

describe.each(["sha384", "sha512"] as const)("a CertID of %s", (hash) => {
  it("openssl ocsp: good, verified", async () => {
    const said = await opensslOcsp("rsa", [`-${hash}`, "-cert", leaf("rsa", 0).certificate]);
    expect(said).toContain("Response verify OK");
    expect(said).toContain(": good");
  });
});

describe("a certificate that was never issued", () => {
  it.each([undefined, nonceOf(randomBytes(16))])(
    "unknown, where that is the policy (%s)",
    async (nonce) => {
      const answer = await ask([unissued("rsa")], nonce);
      const { single, extensions } = peekAnswer(answer.body);
      expect(single).toMatchObject([{ certStatus: "unknown" }]);
      expect(extensions).toBe(nonce ? 1 : 0);
      const maxAge = /^max-age=(\d+), public/.exec(answer.headers["cache-control"] ?? "")?.[1];
      expect(nonce ? 0 : Number(maxAge)).toBeLessThanOrEqual(60);
    },
  );

  it("revoked since 1970 by RFC 6960's extended definition, where that is", async () => {
    const { single, extensions } = peekAnswer((await ask([unissued("extended")])).body);
    expect(single).toMatchObject([
      { certStatus: "revoked", reason: 6, revocationTime: new Date(0) },
    ]);
    expect(extensions).toBe(1);
    const said = await opensslOcsp("extended", [
      "-sha256",
      "-no_nonce",
      "-serial",
      "0x0123456789abcdef",
    ]);
    expect(said).toContain("Response verify OK");
    expect(said).toContain("Reason: certificateHold");
    const mixed = peekAnswer((await ask([unissued("extended"), certID("extended", 0)])).body);
    expect(mixed.single).toMatchObject([{ certStatus: "unknown" }, { certStatus: "good" }]);
    expect(mixed.extensions).toBe(0);
    const known = peekAnswer((await ask([certID("extended", 0)])).body);
    expect(known).toMatchObject({ extensions: 0, single: [{ certStatus: "good" }] });
  });
});

// While there is budget left: these come before the one that uses it up.
it("what is asked for again and again at once is signed once", async () => {
  const der = encodeRequest([certID("quiet", 0, "sha384")], undefined);
  const before = await signedLive("quiet");
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => postOcsp(site.daemon.url, der)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await signedLive("quiet")) - before).toBeLessThan(40);
});

it("a request that openssl made with a nonce is answered as our own are", async () => {
  const der = ocspRequest(pkiOf("ec"), leaf("ec", 0).serialNumber, { nonce: true });
  writeFileSync(join(pkiOf("ec").folder, "asked.der"), der);
  expect(peekAnswer((await postOcsp(site.daemon.url, der)).body).nonce).toMatch(/^0410/);
});

describe("over the budget of a client", () => {
  it("a nonce is left out, a critical one refused, several CertIDs told to come later", async () => {
    const asked = Array.from({ length: 600 }, () => {
      const nonce = nonceOf(randomBytes(16));
      return ask([certID("ec", 0)], nonce).then(({ body }) => ({ nonce, told: peekAnswer(body) }));
    });
    const several = Array.from({ length: 200 }, (_, i) =>
      ask([certID("ec", 0), certID("ec", 1 + (i % 3))], nonceOf(randomBytes(8))),
    );
    const criticals = Array.from({ length: 200 }, () =>
      postOcsp(site.daemon.url, critical([certID("ec", 0)], nonceOf(randomBytes(16)))),
    );
    const answers = await Promise.all(asked);
    for (const { nonce, told } of answers) {
      expect(told.single).toMatchObject([{ certStatus: "good" }]);
      expect([undefined, nonce.toString("hex")]).toContain(told.nonce);
    }
    expect(answers.some(({ told }) => told.nonce)).toBe(true);
    expect(answers.some(({ told }) => !told.nonce)).toBe(true);
    const said = new Set(
      (await Promise.all(several)).map(({ body }) => peekAnswer(body).responseStatus),
    );
    expect([...said].sort()).toEqual(expect.arrayContaining(["tryLater"]));
    for (const { body } of await Promise.all(criticals)) {
      const { responseStatus, nonce } = peekAnswer(body);
      expect(responseStatus === "malformedRequest" || nonce !== undefined).toBe(true);
    }
    expect(await counted("vouch_ocsp_live_missed_total", "reason", "overBudget")).toBeGreaterThan(
      0,
    );
    expect(await signedLive("ec")).toBeGreaterThanOrEqual(100);
  });
});
