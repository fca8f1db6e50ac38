import { describe, expect, it } from "vitest";
import { oneIssuer, warned } from "./config-file.ts";

const crl = "    crl:\n      signer: { certificate: a, key: b }\n";

describe("a warning", () => {
  it.each([
    [
      "7h",
      "6 issuers[0].ocsp.validity: is 7h, and the Baseline Requirements (4.9.9) ask for at least 8h",
    ],
    [
      "479m",
      "6 issuers[0].ocsp.validity: is 479m, and the Baseline Requirements (4.9.9) ask for at least 8h",
    ],
  ])("tells of an OCSP validity of %s", async (validity, warning) => {
    expect(await warned(oneIssuer(`      validity: ${validity}\n`))).toStrictEqual([warning]);
  });

  it.each(["0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[::ffff:10.0.0.1]:1"])(
    "tells of the operations listener on %s",
    async (ops) => {
      expect(await warned(oneIssuer(`ops: "${ops}"\n`))).toStrictEqual([
        "6 ops: is reachable from other machines, and the operations listener asks for no password",
      ]);
    },
  );

  it("tells of a CRL URL that is not served", async () => {
    const text = oneIssuer(`${crl}      url: http://a.vn/crl/other.crl\n      paths: [/x]\n`);
    expect(await warned(text)).toStrictEqual([
      "8 issuers[0].crl.url: has the path /crl/other.crl, which is not served; served are /crl/gov-1.crl, /x",
    ]);
  });

  it("tells of a file without issuers", async () => {
    expect(await warned("issuers: []\n")).toStrictEqual([
      "1 issuers: is empty, so every request is answered unauthorized",
    ]);
  });
});

describe("no warning", () => {
  it.each([
    ["an OCSP validity of 8h", "      validity: 8h\n"],
    ["127.0.0.2", "ops: 127.0.0.2:1\n"],
    ["::1", 'ops: "[::1]:1"\n'],
    ["::1 in another spelling", 'ops: "[0:0:0:0:0:0:0:1]:1"\n'],
    ["the issuer's own CRL", `${crl}      url: http://a.vn:81/crl/gov-1.crl\n`],
    ["one of its paths", `${crl}      url: http://a.vn/x\n      paths: [/x]\n`],
  ])("for %s", async (_, more) => {
    expect(await warned(oneIssuer(more))).toStrictEqual([]);
  });
});
