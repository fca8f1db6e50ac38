import { describe, expect, it } from "vitest";
import { accepted, oneIssuer, refused } from "./config-file.ts";

const named = (name: string): string => oneIssuer().replace("name: gov-1", `name: ${name}`);
const second = (more: string): string =>
  oneIssuer(`    paths: [/a]
  - name: gov-2
    certificate: b.pem
    ocsp: { signers: [{ certificate: c, key: d }] }
${more}`);

describe("an issuer's name", () => {
  it.each(["gov-1", "A.b_c-9", "_x", "9", "delta", "a-delta-b", "x".repeat(100)])(
    "%s is good",
    async (name) => {
      expect((await accepted(named(`"${name}"`))).config.issuers[0]?.name).toBe(name);
    },
  );

  it.each([
    [".a", "is .a but must be letters"],
    ["-a", "is -a but must be letters"],
    ["a/b", "is a/b but must be letters"],
    ["bộ-1", "is bộ-1 but must be letters"],
    ['"a b"', "is a b but must be letters"],
    ['"a\\n"', 'is "a\\n" but must be letters'],
    ['""', 'is "" but must be letters'],
    ["gov-delta", "is gov-delta but must be a name that does not end in -delta"],
    ["x".repeat(101), "must be at most 100 characters"],
    ["2026", "is 2026 but must be text"],
    ["", "is empty but must be letters"],
    ["[a]", "is a list but must be letters"],
  ])("%s is refused", async (name, problem) => {
    const [line, ...others] = await refused(named(name));
    expect(line).toMatch(/^2 issuers\[0\]\.name: /);
    expect(line).toContain(problem);
    expect(others).toStrictEqual([]);
  });

  it("is its own", async () => {
    expect(await refused(second("").replace("gov-2", "gov-1"))).toStrictEqual([
      "7 issuers[1].name: is gov-1, as issuers[0].name is already",
    ]);
  });
});

describe("a path", () => {
  const crl = "    crl:\n      signer: { certificate: a, key: b }\n";

  it.each(["/a", "/m", "/pki/pub/crt/x.crt", "/ocsps", "/crls/x", "/%C4%91", "/a//b/"])(
    "%s is good",
    async (path) => {
      const text = oneIssuer(`    paths: ["${path}"]\n${crl}      paths: ["${path}2"]\n`);
      const [issuer] = (await accepted(text)).config.issuers;
      expect([issuer?.paths, issuer?.crl?.paths]).toStrictEqual([[path], [`${path}2`]]);
    },
  );

  it.each([
    ["a", "must be a path that begins with /"],
    ["", "must be a path that begins with /"],
    ["/a b", "must be a path that begins with /"],
    ["/a?b", "must be a path that begins with /"],
    ["/a#b", "must be a path that begins with /"],
    ["/bộ", "must be a path that begins with /"],
    ["/M", "a GET that begins with /M is an OCSP request"],
    ["/Misa/ca.crt", "a GET that begins with /M is an OCSP request"],
    ["/ocsp", "/ocsp is where OCSP is answered"],
    ["/ocsp/x", "/ocsp is where OCSP is answered"],
    ["/crl/x.crl", "/crl/ is where every CRL is served already"],
    ["/ca/x.cer", "/ca/ is where every CA certificate is served already"],
    ["/", "leading slashes count as one"],
    ["//Mx", "leading slashes count as one"],
  ])("%s is refused", async (path, because) => {
    const text = oneIssuer(`    paths: ["${path}"]\n${crl}      paths: ["${path}"]\n`);
    const problems = await refused(text);
    expect(problems.filter((line) => line.includes(because))).toHaveLength(2);
    expect(problems[0]).toMatch(/^6 issuers\[0\]\.paths\[0\]: /);
    expect(problems.at(-1)).toMatch(/^9 issuers\[0\]\.crl\.paths\[0\]: /);
  });

  it.each([
    [
      "twice in one list",
      "    paths: [/b, /c, /b]\n",
      "10 issuers[1].paths[2]: is /b, as issuers[1].paths[0] is already",
    ],
    [
      "of two issuers",
      "    paths: [/a]\n",
      "10 issuers[1].paths[0]: is /a, as issuers[0].paths[0] is already",
    ],
    [
      "of a certificate and a CRL",
      `${crl}      paths: [/a]\n`,
      "12 issuers[1].crl.paths[0]: is /a, as issuers[0].paths[0] is already",
    ],
  ])("%s is refused", async (_, more, problem) => {
    expect(await refused(second(more))).toStrictEqual([problem]);
  });
});

describe("issuers", () => {
  it.each([
    ["data: x\n", "1 issuers: is missing"],
    ["issuers:\n", "1 issuers: is empty but must be a list"],
    ["data: x\nissuers: gov-1\n", "2 issuers: is gov-1 but must be a list"],
  ])("%s are refused", async (text, problem) => {
    expect(await refused(text)).toStrictEqual([problem]);
  });

  it("lacking all that they need say each thing", async () => {
    expect(await refused("issuers: [{}]\n")).toStrictEqual([
      "1 issuers[0].name: is missing",
      "1 issuers[0].certificate: is missing",
      "1 issuers[0].ocsp.signers: names no signer",
    ]);
  });

  it("of a misspelt source and flag", async () => {
    expect(await refused(oneIssuer("    source: isued\n    hold: 1\n"))).toStrictEqual([
      "6 issuers[0].source: is isued but must be issued or crl",
      "7 issuers[0].hold: is 1 but must be true or false",
    ]);
  });
});
