import { describe, expect, it } from "vitest";
import { accepted, oneIssuer, refused } from "./config-file.ts";

describe("processes and threads", () => {
  it.each(["responders", "signingThreads"])("%s are counted from 1", async (key) => {
    expect((await accepted(oneIssuer(`${key}: 1\n`))).config).toMatchObject({ [key]: 1 });
    for (const count of ["0", "-1", "1.5", "many", '"2"', "true", "1e99"]) {
      const [line] = await refused(oneIssuer(`${key}: ${count}\n`));
      expect(line).toMatch(/^6 \w+: is \S+ but must be an integer of at least 1, or auto$/);
    }
  });
});

describe("addresses", () => {
  it.each([
    ['ops: "example.vn:80"', "6 ops: is example.vn:80 but must be a numeric address and a port"],
    ["ops: 9464", "6 ops: is 9464 but must be a numeric address"],
    ["ops: 127.0.0.1", "6 ops: is 127.0.0.1 but must be a numeric address"],
    ['public: { http: ":8080" }', "6 public.http: is :8080 but must be a numeric address"],
    ["public: { http: 0.0.0.0:65536 }", "6 public.http: is 0.0.0.0:65536 but must be"],
    ['ops: ["127.0.0.1:1"]', "6 ops: is a list but must be a numeric address"],
    ["ops: { toString: x }", "6 ops: is a group of keys but must be a numeric address"],
    ["public:\n  htpp: x", "7 public.htpp: is not a known key"],
    ["public: [x]", "6 public: is a list but must be a group of keys"],
    [
      "public: { trustedProxies: [10.0.0.0/33] }",
      "6 public.trustedProxies[0]: is 10.0.0.0/33 but must be",
    ],
    [
      "public: { trustedProxies: [proxy] }",
      "6 public.trustedProxies[0]: is proxy but must be an address",
    ],
    [
      "public: { trustedProxies: 10.0.0.1 }",
      "6 public.trustedProxies: is 10.0.0.1 but must be a list",
    ],
  ])("%s is refused", async (key, problem) => {
    const [line, ...others] = await refused(oneIssuer(`${key}\n`));
    expect(line).toContain(problem);
    expect(others).toStrictEqual([]);
  });
});

describe("a unix socket's path", () => {
  it.each(["admin", "liveSign"])("%s has at most 107 octets, as an absolute path", async (key) => {
    const fits = `/${"ộ".repeat(35)}x`;
    expect((await accepted(oneIssuer(`${key}: ${fits}\n`))).config).toMatchObject({ [key]: fits });
    const [line, ...others] = await refused(oneIssuer(`${key}: ${fits}x\n`));
    expect(line).toMatch(new RegExp(`^6 ${key}: .* at most 107 octets .* is 108$`));
    expect(others).toStrictEqual([]);
  });

  it("counts the folder that a relative one is in", async () => {
    const [line] = await refused(oneIssuer(`admin: ${"x".repeat(100)}\n`));
    expect(line).toMatch(/at most 107 octets/);
  });
});

describe("files and folders", () => {
  it.each(['data: ""', "data: 5", 'data: "a\\0b"', "admin: true"])("%s is refused", async (key) => {
    expect(await refused(oneIssuer(`${key}\n`))).toEqual([
      expect.stringMatching(/^6 \w+: is .* but must be the name of a file or folder$/),
    ]);
  });
});

describe("two that listen", () => {
  it.each([
    ["admin: a.sock\nliveSign: ./a.sock", /^7 liveSign: is \/.*\/a\.sock, as admin is already$/],
    [
      'ops: "127.0.0.1:8080"\npublic: { http: "127.0.0.1:8080" }',
      /^6 ops: is an address that public\.http has already$/,
    ],
    ['ops: "127.0.0.1:8080"', /^6 ops: is an address that public\.http has already$/],
    ['ops: "[::1]:80"\npublic: { http: "[::]:80" }', /^6 ops: is an address that public\.http/],
    [
      `public: { https: { listen: "[::]:8080", certificate: a, key: b } }`,
      /^6 public\.https\.listen: is an address that public\.http has already$/,
    ],
  ])("want places of their own: %s", async (keys, problem) => {
    expect(await refused(oneIssuer(`${keys}\n`))).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ["any free ports", 'ops: "127.0.0.1:0"\npublic: { http: "127.0.0.1:0" }'],
    ["other addresses", 'ops: "127.0.0.1:80"\npublic: { http: "10.0.0.1:80" }'],
    ["other families", 'ops: "[::1]:80"\npublic: { http: "0.0.0.0:80" }'],
  ])("may have %s", async (_, keys) => {
    expect(await accepted(oneIssuer(`${keys}\n`))).toMatchObject({ ok: true });
  });
});

describe("the key of TLS", () => {
  const https = (key: string): string =>
    `public: { https: { listen: "0.0.0.0:443", certificate: tls.pem, key: ${key} } }\n`;

  it("is none that signs answers or CRLs", async () => {
    expect(await refused(oneIssuer(https("./pki/../pki/o.key")))).toEqual([
      "6 public.https.key: is the key of issuers[0].ocsp.signers[0], and responders must have none that signs",
    ]);
    const crl = "    crl: { signer: { certificate: pki/gov-1.pem, key: pki/ca.key } }\n";
    expect(await refused(oneIssuer(crl + https("pki/ca.key")))).toEqual([
      "7 public.https.key: is the key of issuers[0].crl.signer, and responders must have none that signs",
    ]);
    expect(await accepted(oneIssuer(crl + https("tls.key")))).toMatchObject({ ok: true });
  });
});
