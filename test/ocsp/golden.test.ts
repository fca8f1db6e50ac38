import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { proveAnswer } from "../../src/ocsp/proof.ts";
import { readSingleAnswer } from "../../src/ocsp/response.ts";
import { parseReason, reasonName } from "../../src/x509/reason.ts";
import { signDeterministically } from "../vectors/golden/deterministic-ecdsa.ts";
import { GOLDEN_ANSWERS, goldenFiles } from "../vectors/golden/make.ts";
import { expectedOf } from "./made-answer.ts";
import { opensslReads } from "./openssl-reads.ts";

const FOLDER = fileURLToPath(new URL("../vectors/golden/", import.meta.url));
const read = (file: string): Buffer => readFileSync(`${FOLDER}${file}`);

describe("golden vectors", () => {
  it("are as their generator makes them, to the octet", () => {
    const made = goldenFiles();
    const files = readdirSync(FOLDER).filter((file) => file.endsWith(".der"));
    expect(files.sort()).toEqual([...made.keys()].sort());
    for (const file of files) {
      const octets = Buffer.from(made.get(file) ?? []);
      expect(octets.toString("hex"), file).toBe(read(file).toString("hex"));
    }
  });

  it("are signed by the rule of RFC 6979, as its example A.2.5 shows", () => {
    const octets = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
    const key = createPrivateKey({
      format: "jwk",
      key: {
        kty: "EC",
        crv: "P-256",
        d: octets("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
        x: octets("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
        y: octets("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
      },
    });
    const signature = signDeterministically(Buffer.from("sample"), key);
    expect(signature.toString("hex").toUpperCase()).toBe(
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716" +
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    );
    const publicKey = { key: createPublicKey(key), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", Buffer.from("sample"), publicKey, signature)).toBe(true);
  });
});

describe.each(Object.entries(GOLDEN_ANSWERS))("%s", (file, planned) => {
  const der = read(file);
  const [status, ...words] = file.split(".");

  it("says what its name says", () => {
    const { certStatus, reason, archiveCutoff } = readSingleAnswer(der);
    expect(certStatus).toBe(status);
    const named = words.map((word) => parseReason(word.replaceAll("-", ""))).find(Boolean);
    expect(reason === undefined ? undefined : reasonName(reason)).toBe(
      named === "unspecified" ? undefined : named,
    );
    expect(archiveCutoff !== undefined).toBe(words.includes("expired"));
  });

  it("is proved, and read and verified by openssl", async () => {
    expect(proveAnswer(der, expectedOf(planned))).toBeUndefined();
    const { text, verified, says } = await opensslReads(der, planned);
    expect(verified).toBe(true);
    expect(says).toBe(status);
    expect(text).toContain(`Cert Status: ${status}`);
  });
});
