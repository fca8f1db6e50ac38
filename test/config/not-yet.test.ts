import { describe, expect, it } from "vitest";
import { accepted, oneIssuer, refused } from "./config-file.ts";

const crl = "    crl:\n      signer: { certificate: a, key: b }\n";

describe("what this version cannot do", () => {
  it.each([
    [
      "an imported CRL as the truth",
      oneIssuer("    source: crl\n"),
      "6 issuers[0].source: is crl, and answering from an imported CRL is not available yet",
    ],
    [
      "an OCSP key in a token",
      oneIssuer().replace("pki/o.key", '"pkcs11:object=o"'),
      "5 issuers[0].ocsp.signers[0].key: is a pkcs11: URI, and keys in tokens are not supported yet",
    ],
    [
      "a CRL key in a token",
      oneIssuer(crl).replace("key: b", '"key": "pkcs11:object=b"'),
      "7 issuers[0].crl.signer.key: is a pkcs11: URI, and keys in tokens are not supported yet",
    ],
    [
      "imported CRLs",
      oneIssuer("    crl: { every: 1h }\n"),
      "6 issuers[0].crl: has no signer, and publishing imported CRLs is not available yet",
    ],
  ])("%s is refused", async (_, text, problem) => {
    expect(await refused(text)).toStrictEqual([problem]);
  });

  it("is not asked for by what switches it off", async () => {
    const text = `${oneIssuer("    source: issued\n")}${crl}`;
    expect((await accepted(text)).config.issuers[0]?.crl).toBeDefined();
  });
});
