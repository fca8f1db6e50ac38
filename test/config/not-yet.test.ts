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
