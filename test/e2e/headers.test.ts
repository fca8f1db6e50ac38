import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, request } from "../support/http-client.ts";
import {
  ocspPath,
  ocspRequest,
  onlyStatus,
  postOcsp,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { type Site, startSite } from "../support/site.ts";

const BACKDATE_SECONDS = 300;
const VALIDITY_SECONDS = 86_400;

let site: Site;
let good: Buffer;
let serialNumbers: string[];

beforeAll(async () => {
  const pki = makePki({ algorithm: "ec", leaves: 4 });
  serialNumbers = pki.leaves.map((leaf) => leaf.serialNumber);
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
  good = requestFor(0);
});

afterAll(async () => {
  await site?.close();
});

function requestFor(leaf: number): Buffer {
  const [issuer] = site.issuers;
  if (issuer === undefined) throw new Error("no issuer");
  return ocspRequest(issuer.pki, serialNumbers[leaf] ?? "");
}

function get(der: Buffer, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return request(`${site.daemon.url}${ocspPath(der)}`, { method, headers });
}

function directives(answer: Answer): Map<string, string> {
  const parts = (answer.headers["cache-control"] ?? "").split(",").map((part) => part.trim());
  return new Map(parts.map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
}

/** The headers of RFC 9919 section 6, against the times in the body. */
function expectCachingHeaders(answer: Answer): void {
  const { headers, body } = answer;
  const { thisUpdate, nextUpdate } = onlyStatus(body);
  expect(answer.status).toBe(200);
  expect(headers["content-type"]).toBe("application/ocsp-response");
  expect(headers["content-length"]).toBe(String(body.length));
  expect(headers["transfer-encoding"]).toBeUndefined();
  expect(headers["last-modified"]).toBe(thisUpdate.toUTCString());
  expect(headers.expires).toBe(nextUpdate?.toUTCString());
  expect(headers.etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
  expect(headers.pragma).toBeUndefined();
  expect(Math.abs(Date.parse(headers.date ?? "") - Date.now())).toBeLessThan(60_000);
  expectMaxAge(answer, thisUpdate);
}

function expectMaxAge(answer: Answer, thisUpdate: Date): void {
  const given = directives(answer);
  expect([...given.keys()].sort()).toEqual([
    "max-age",
    "must-revalidate",
    "no-transform",
    "public",
  ]);
  const maxAge = Number(given.get("max-age"));
  expect(maxAge).toBeGreaterThanOrEqual(60);
  expect(maxAge).toBeLessThanOrEqual(3_600);
  const reSigned = thisUpdate.getTime() + (BACKDATE_SECONDS + VALIDITY_SECONDS / 2) * 1000;
  expect(Date.now() + maxAge * 1000).toBeLessThanOrEqual(reSigned + 1000);
}

describe("an OCSP answer", () => {
  it("has RFC 9919's caching headers on GET", async () => {
    expectCachingHeaders(await get(good));
  });

  it("has the same headers and octets on POST", async () => {
    const [posted, got] = [await postOcsp(site.daemon.url, good), await get(good)];
    expectCachingHeaders(posted);
    expect(posted.body).toEqual(got.body);
    expect(posted.headers.etag).toBe(got.headers.etag);
  });

  it("has them for every certificate", async () => {
    for (const leaf of [0, 1, 2]) expectCachingHeaders(await get(requestFor(leaf)));
  });

  it("has an ETag of its own for each certificate and hash", async () => {
    const [issuer] = site.issuers;
    const sha256 = issuer && ocspRequest(issuer.pki, serialNumbers[0] ?? "", { hash: "sha256" });
    const answers = await Promise.all([good, requestFor(1), sha256 ?? good].map((der) => get(der)));
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(3);
  });

  it("answers HEAD with the same headers and no body", async () => {
    const [head, full] = [await get(good, {}, "HEAD"), await get(good)];
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    for (const name of ["content-type", "content-length", "etag", "last-modified", "expires"]) {
      expect(head.headers[name]).toBe(full.headers[name]);
    }
  });

  it("gets another ETag when its octets change", async () => {
    const der = requestFor(2);
    const before = await get(der);
    const revoke = ["revoke", "gov-1", serialNumbers[2] ?? "", "--reason", "superseded"];
    expect((await site.vouch(revoke)).code).toBe(0);
    await untilOcspSays(site.daemon.url, der, "revoked");
    const after = await get(der, { "if-none-match": before.headers.etag ?? "" });
    expect(after.status).toBe(200);
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expectCachingHeaders(after);
  });
});

describe("a conditional request", () => {
  it.each(["GET", "HEAD"])(
    "%s with the ETag gets 304, with headers and no body",
    async (method) => {
      const { headers } = await get(good);
      const tag = headers.etag ?? "";
      for (const sent of [tag, `"other", ${tag}`, `W/${tag}`, "*"]) {
        const answer = await get(good, { "if-none-match": sent }, method);
        expect([sent, answer.status]).toEqual([sent, 304]);
        expect(answer.body.length).toBe(0);
        expect(answer.headers.etag).toBe(tag);
        expect(answer.headers.expires).toBe(headers.expires);
        expect(directives(answer).has("max-age")).toBe(true);
      }
    },
  );

  it("with another ETag gets the answer, whatever If-Modified-Since says", async () => {
    const { headers } = await get(good);
    const sent = { "if-none-match": '"x"', "if-modified-since": headers["last-modified"] ?? "" };
    expect((await get(good, sent)).status).toBe(200);
  });

  it("with If-Modified-Since gets 304 from Last-Modified on, and 200 before it", async () => {
    const { headers } = await get(good);
    const modified = Date.parse(headers["last-modified"] ?? "");
    const since = (time: number): Record<string, string> => ({
      "if-modified-since": new Date(time).toUTCString(),
    });
    expect((await get(good, since(modified))).status).toBe(304);
    expect((await get(good, since(modified - 1000))).status).toBe(200);
  });

  it.each(["yesterday", "Fri, 01 Jan 2100 00:00:00 GMT"])(
    "ignores If-Modified-Since: %s",
    async (time) => {
      expect((await get(good, { "if-modified-since": time })).status).toBe(200);
    },
  );

  it("by POST is not conditional", async () => {
    const { headers } = await get(good);
    const posted = await request(`${site.daemon.url}/ocsp`, {
      method: "POST",
      body: good,
      headers: { "if-none-match": headers.etag ?? "" },
    });
    expect(posted.status).toBe(200);
  });
});

describe("what is no good answer", () => {
  it.each([["0123456789abcdef", "unauthorized"]])(
    "an OCSP error is never cached",
    async (serialNumber) => {
      const [issuer] = site.issuers;
      const der = issuer && ocspRequest(issuer.pki, serialNumber);
      const answer = await get(der ?? good);
      expect(answer.body.toString("hex")).toBe("30030a0106");
      expect(answer.status).toBe(200);
      expect(answer.headers["cache-control"]).toContain("no-store");
      expect(answer.headers.etag).toBeUndefined();
      expect(answer.headers.expires).toBeUndefined();
    },
  );

  it.each(["/nothing", "/crl/other.crl", "/ca/other.cer", "/crl/..%2fvouch.yaml"])(
    "404 for %s, never cached",
    async (path) => {
      const { status, headers } = await request(`${site.daemon.url}${path}`);
      expect(status).toBe(404);
      expect(headers["cache-control"] ?? "no-store").toContain("no-store");
    },
  );

  it.each([
    ["DELETE", "/", "GET, HEAD, POST"],
    ["PUT", "/ocsp", "GET, HEAD, POST"],
    ["POST", "/ca/gov-1.cer", "GET, HEAD"],
    ["DELETE", "/crl/gov-1.crl", "GET, HEAD"],
  ])("405 with Allow for %s %s", async (method, path, allow) => {
    const { status, headers } = await request(`${site.daemon.url}${path}`, { method });
    expect(status).toBe(405);
    expect(
      headers.allow
        ?.split(/\s*,\s*/)
        .sort()
        .join(", "),
    ).toBe(allow);
  });

  it("413 for a body over 10,000 octets, malformedRequest for one of 10,000", async () => {
    expect((await postOcsp(site.daemon.url, Buffer.alloc(10_001, 0x30))).status).toBe(413);
    const most = await postOcsp(site.daemon.url, Buffer.alloc(10_000, 0x30));
    expect(most.body.toString("hex")).toBe("30030a0101");
  });

  it("414 for a request line over 8 KiB", async () => {
    const { status } = await request(`${site.daemon.url}/ocsp/${"A".repeat(9_000)}`);
    expect(status).toBe(414);
  });

  it("431 for headers that are too large", async () => {
    const { status } = await get(good, { "x-large": "a".repeat(40_000) });
    expect(status).toBe(431);
  });
});
