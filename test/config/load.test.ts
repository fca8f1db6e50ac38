import { randomUUID } from "node:crypto";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { accepted, load, oneIssuer, refused } from "./config-file.ts";

const manyFaults = `data: ../var
pubilc: { http: "0.0.0.0:8080" }
responders: 0
issuers:
  - name: gov-1
    certificate: pki/gov-1.pem
    source: crl
    paths: [/Misa, /x]
    ocsp:
      signers:
        - { certificate: pki/o.pem, key: "pkcs11:token=x;pin-value=1234" }
      validity: 5s
      backdate: 5x
  - name: gov-1
    paths: [/x]
    ocsp:
      validity: 1m
    crl:
  - 5
`;

describe("problems", () => {
  it("come all at once, in the order of their lines, with their paths", async () => {
    expect(await refused(manyFaults)).toStrictEqual([
      "2 pubilc: is not a known key",
      "3 responders: is 0 but must be an integer of at least 1, or auto",
      "8 issuers[0].paths[0]: is /Misa but must be another path, as a GET that begins with /M is an OCSP request",
      "11 issuers[0].ocsp.signers[0].key: is a pkcs11: URI that holds a PIN (pin-value)",
      "12 issuers[0].ocsp.validity: is 5s but must be at least 10s",
      "13 issuers[0].ocsp.backdate: is 5x but must be an integer and s, m, h, d or y, or 0",
      "14 issuers[1].certificate: is missing",
      "14 issuers[1].name: is gov-1, as issuers[0].name is already",
      "15 issuers[1].paths[0]: is /x, as issuers[0].paths[1] is already",
      "16 issuers[1].ocsp.backdate: is 5m (the default) but must be less than half of ocsp.validity, 1m",
      "16 issuers[1].ocsp.signers: names no signer",
      "18 issuers[1].crl: is empty but must be a group of keys",
      "19 issuers[2]: is 5 but must be a group of keys",
    ]);
  });

  it("name the file as it was given, and say what to do", async () => {
    const { file } = await load(oneIssuer("      validity: 5s\n"));
    const given = `${file.replace("/vouch.yaml", "")}/./vouch.yaml`;
    const loaded = await loadConfig(given);
    expect(!loaded.ok && loaded.problems).toStrictEqual([
      {
        where: `${given}:6 issuers[0].ocsp.validity`,
        problem: "is 5s but must be at least 10s",
        do: "write 10s or more",
      },
    ]);
  });
});

describe("unknown keys", () => {
  it.each([
    ["validty: 24h\n", "validty", "did you mean validity?"],
    ["noncE: live\n", "noncE", "did you mean nonce?"],
    ["colour: red\n", "colour", "remove it."],
    ["__proto__: { nonce: ignore }\n", "__proto__", "remove it."],
    ["<<: { nonce: ignore }\n", '["<<"]', "remove it."],
  ])("%s", async (text, key, hint) => {
    const result = await load(oneIssuer(`      ${text}`));
    const problem = result.ok ? undefined : result.problems[0];
    const path = key.startsWith("[") ? `issuers[0].ocsp${key}` : `issuers[0].ocsp.${key}`;
    expect(problem?.where).toBe(`${result.file}:6 ${path}`);
    expect(problem?.do).toBe(
      `${hint} Known here: signers, hashes, validity, backdate, unissued, nonce, archive`,
    );
  });
});

describe("a file that is not YAML, or not only once", () => {
  it.each([
    ["a syntax error", "data: [1\npublic: 2\n", /^2: is not YAML/],
    ["a tab", "data: x\n\tops: y\n", /^2: is not YAML/],
    [
      "a key that stands twice",
      oneIssuer("    name: b\n"),
      /^6 issuers\[0\]\.name: stands here a second time, after line 2$/,
    ],
    ["two documents", "data: x\n---\ndata: y\n", /^2: is not YAML.*multiple documents/],
    ["a tag", "data: !!binary aGk=\n", /^1: is not YAML.*tag/],
    ["a key that is a list", "? [a]\n: 1\n", /^1: is not YAML/],
    [
      "an alias of nothing",
      "data: ok\nadmin: *here\n",
      /^2 admin: is \*here, but nothing before it is marked &here$/,
    ],
    ["nothing", "", /^1: is empty but must be a group of keys$/],
    ["only a comment", "# later\n", /^1: is empty but must be/],
    ["a list", "- a\n", /^1: is a list but must be a group of keys$/],
    ["a circle", `issuers: &a [*a]\n`, /^1 issuers\[0\]: is a list but must be a group of keys$/],
    ["brackets a thousand deep", "[".repeat(20_000), /^1: is not YAML/],
  ])("%s", async (_, text, problem) => {
    expect(await refused(text)).toEqual([expect.stringMatching(problem)]);
  });

  it("that multiplies itself ends at once", async () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const item = level === 0 ? "x" : `*l${level - 1}`;
      return `k${level}: &l${level} [${Array(10).fill(item).join(", ")}]`;
    });
    expect(await refused(levels.join("\n"))).toStrictEqual([
      "1: repeats its anchors more than 1000 times over",
    ]);
  });

  it("with a problem on several lines has each of them", async () => {
    expect(await refused("a: 1: 2\nb: 3: 4\n")).toHaveLength(2);
  });

  it("in another encoding is named so", async () => {
    const utf16 = Buffer.from(`\ufeff${oneIssuer()}`, "utf16le");
    expect(await refused(utf16)).toStrictEqual([": is not UTF-8 text"]);
  });
});

describe("YAML that is fine", () => {
  it("may share a group under an anchor, and begin with a byte order mark", async () => {
    const { config } = await accepted(`\ufeff${oneIssuer().replace("ocsp:", "ocsp: &o")}
  - { name: gov-2, certificate: b.pem, ocsp: *o }
`);
    expect(config.issuers[1]?.ocsp).toStrictEqual(config.issuers[0]?.ocsp);
  });

  it("is YAML 1.2 whatever it says: yes is a word", async () => {
    const text = oneIssuer("    hold: yes\n");
    expect(await refused(`%YAML 1.1\n---\n${text}`)).toStrictEqual([
      "8 issuers[0].hold: is yes but must be true or false",
    ]);
  });
});

describe("any value of any key", () => {
  const keys = {
    "": ["data", "public", "ops", "admin", "liveSign", "responders", "signingThreads", "issuers"],
    public: ["http", "https", "trustedProxies"],
    issuer: ["name", "certificate", "source", "hold", "paths", "ocsp", "crl"],
    ocsp: ["signers", "hashes", "validity", "backdate", "unissued", "nonce", "archive"],
    crl: ["signer", "validity", "every", "onRevocation", "leastInterval", "delta", "shards", "url"],
  };
  const groups = Object.fromEntries(
    Object.entries(keys).map(([name, known]) => [
      name,
      fc.dictionary(fc.constantFrom(...known, "toString", "__proto__"), fc.jsonValue()),
    ]),
  ) as Record<keyof typeof keys, fc.Arbitrary<Record<string, unknown>>>;

  it("is taken or refused with its place, and never throws", async () => {
    const values = fc.tuple(groups[""], groups.public, groups.issuer, groups.ocsp, groups.crl);
    await fc.assert(
      fc.asyncProperty(values, async ([top, open, issuer, ocsp, crl]) => {
        const issuers = [{ ...issuer, ocsp, crl }, issuer];
        const result = await load(JSON.stringify({ ...top, public: open, issuers }, null, 1));
        if (result.ok) return;
        for (const { where } of result.problems) expect(where).toMatch(/vouch\.yaml:\d+ \S/);
      }),
    );
  });
});

describe("a file that cannot be read", () => {
  it("is missing: says how to make one", async () => {
    const file = join(tmpdir(), `vouch-none-${randomUUID()}.yaml`);
    expect(await loadConfig(file)).toStrictEqual({
      ok: false,
      problems: [
        {
          where: file,
          problem: "there is no such configuration file",
          do: "make a new one with `vouch init DIR`, or name yours with --config FILE",
        },
      ],
    });
  });

  it("is a folder", async () => {
    const result = await loadConfig(tmpdir());
    expect(result).toMatchObject({
      ok: false,
      problems: [{ where: tmpdir(), problem: expect.stringContaining("EISDIR") }],
    });
  });

  it("is another user's", async () => {
    const { file } = await load(oneIssuer());
    await chmod(file, 0);
    const isRoot = process.getuid?.() === 0;
    // Root reads everything; nobody does not.
    if (isRoot) process.seteuid?.(65_534);
    const loaded = await loadConfig(file).finally(() => isRoot && process.seteuid?.(0));
    expect(loaded).toMatchObject({
      ok: false,
      problems: [{ where: file, do: expect.stringContaining("vouch init DIR") }],
    });
  });
});
