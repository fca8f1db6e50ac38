import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { HASHES } from "../../src/ocsp/hash.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { parseSerialNumber, serialNumberText } from "../../src/x509/serial-number.ts";
import { run } from "../support/run-program.ts";
import { DER_OUTCOMES } from "../support/vector-expectations.ts";
import { read } from "./read-request.ts";

const VECTORS = fileURLToPath(new URL("../vectors/", import.meta.url));

const filesOf = (folder: string, end: string): string[] =>
  readdirSync(`${VECTORS}${folder}`).filter((file) => file.endsWith(end));

const USUAL = "7b3f9c11223344556671";
const SECOND = "7b3f9c11223344556672";

/** What is asked: hashes and serial numbers, and the nonce's length; else what is wrong, and where. */
const SYNTHETIC: Readonly<Record<string, string>> = {
  ...each(1, 2, `sha1 ${USUAL}`),
  ...each(3, 4, `sha256 ${USUAL}`),
  ...each(5, 6, `sha384 ${USUAL}`),
  ...each(7, 8, `sha512 ${USUAL}`),
  ...each(9, 10, `sha224 ${USUAL}`),
  // Hashes that are not answered: MD5, one that nobody knows.
  ...each(11, 12, `? ${USUAL}`),
  "013": "byte 8: hash of the wrong length",
  ...nonces(14, [1, 2, 4, 8, 15, 16, 20, 23, 31, 32, 33, 64, 127, 128]),
  "028": "bad nonce: 129 octets where 1 to 128 are allowed",
  "029": "bad nonce: 255 octets where 1 to 128 are allowed",
  "030": "bad nonce: 1024 octets where 1 to 128 are allowed",
  ...each(31, 32, "bad nonce: 0 octets where 1 to 128 are allowed"),
  "033": `sha1 ${USUAL}, nonce of 16`,
  // RFC 6960 4.4: critical, so that it is for the responder to honour or to refuse.
  "034": `sha1 ${USUAL}, critical nonce of 34`,
  "035": "byte 116: an extension twice",
  ...each(36, 37, `sha1 ${USUAL}`),
  ...each(38, 39, "byte 101: unrecognised critical extension"),
  ...each(40, 41, `sha1 ${USUAL}`),
  "042": "byte 109: id-pkix-ocsp-basic is not an acceptable response type",
  ...each(43, 44, `sha1 ${USUAL}`),
  "045": "byte 81: ends too early",
  ...each(46, 47, `sha1 ${USUAL}`),
  "048": "byte 4: version is not v1",
  ...each(49, 51, `sha1 ${USUAL}`),
  "052": "byte 6: ends too early",
  "053": `sha1 ${USUAL}, sha1 ${SECOND}`,
  "054": `sha1 ${USUAL}, … 5 in all`,
  "055": `sha1 ${USUAL}, … 20 in all`,
  "056": "byte 1432: too many CertIDs",
  "057": "byte 1435: too many CertIDs",
  "058": `sha1 ${USUAL}, sha1 ${USUAL}`,
  "059": `sha1 ${USUAL}, sha256 ${USUAL}`,
  "060": `sha1 ${USUAL}, sha1 ${USUAL}`,
  ...each(61, 63, `sha1 ${USUAL}`),
  "064": "sha1 1",
  "065": "sha1 0",
  "066": "sha1 -7fff",
  "067": `sha1 7${"f".repeat(39)}`,
  "068": `sha1 ${"f".repeat(40)}`,
  "069": `sha1 ${"01".repeat(4096).slice(1)}`,
  "070": "byte 65: INTEGER with needless leading octets",
  "071": "byte 65: empty INTEGER",
  "072": "byte 77: trailing octets",
  ...each(73, 74, "byte 0: longer than what contains it"),
  "075": "byte 0: ends too early",
  "076": "byte 1: ends too early",
  "077": "byte 0: longer than what contains it",
  ...each(78, 79, "byte 0: indefinite length"),
  "080": "byte 0: length not minimal",
  "081": "byte 2: tag 0x0a where 0x30 was expected",
  "082": "byte 0: tag 0x3c where 0x30 was expected",
  "083": "byte 0: tag 0x2d where 0x30 was expected",
};

function each(first: number, last: number, outcome: string): Record<string, string> {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Object.fromEntries(numbers.map((number) => [String(number).padStart(3, "0"), outcome]));
}

/** Nonces of so many octets, in extnValue with the two or three octets of their OCTET STRING. */
function nonces(first: number, lengths: readonly number[]): Record<string, string> {
  const outcomes = lengths.map((length, index) => {
    const whole = length + (length < 128 ? 2 : 3);
    return [`0${first + index}`, `sha1 ${USUAL}, nonce of ${whole}`];
  });
  return Object.fromEntries(outcomes);
}

/** A request in the words of the table. */
function told(der: Uint8Array): string {
  const request = readRequest(der);
  if (request instanceof Error) return request.message.replace("bad DER in OCSPRequest at ", "");
  const asked = request.certIDs.map(
    ({ hash, serialNumber }) => `${hash ?? "?"} ${serialNumberText(serialNumber)}`,
  );
  const some = asked.length > 2 ? [asked[0], `… ${asked.length} in all`] : asked;
  const { nonce } = request;
  if (nonce) some.push(`${nonce.critical ? "critical " : ""}nonce of ${nonce.extnValue.length}`);
  return some.join(", ");
}

describe("synthetic requests", () => {
  const files = filesOf("synthetic", ".der");

  it("are all in the table", () => {
    expect(files.map((file) => file.slice(0, 3)).sort()).toEqual(Object.keys(SYNTHETIC).sort());
  });

  it.each(files)("%s", (file) => {
    const der = readFileSync(`${VECTORS}synthetic/${file}`);
    expect(told(der)).toBe(SYNTHETIC[file.slice(0, 3)]);
  });

  it.each(files)("%s is refused here if the daemon calls it malformed", (file) => {
    const number = file.slice(0, 3);
    const refused = readRequest(readFileSync(`${VECTORS}synthetic/${file}`)) instanceof Error;
    // 057 is too long for the daemon to read.
    const outcome = DER_OUTCOMES[number];
    const malformed = outcome === "malformedRequest" || outcome === 413;
    expect(refused).toBe(malformed);
  });
});

/** Requests of more than one CertID, with SHA-384 or with a nonce; the others ask for USUAL with SHA-1. */
const CAPTURED: Readonly<Record<string, string>> = {
  "01": `sha1 ${USUAL}, nonce of 18`,
  "03": `sha256 ${USUAL}, sha256 ${SECOND}, nonce of 18`,
  "04": `sha1 ${USUAL}, … 4 in all, nonce of 18`,
  "05": `sha1 ${USUAL}, nonce of 18`,
  "06": "sha1 1",
  "07": `sha1 ${USUAL}, nonce of 25`,
  "11": `sha1 ${USUAL}, nonce of 34`,
  "12": `sha1 ${USUAL}, nonce of 102`,
  "15": `sha1 ${SECOND}`,
  "18": `sha1 ${SECOND}, nonce of 18`,
  ...Object.fromEntries(["23", "24", "25", "30"].map((number) => [number, `sha256 ${USUAL}`])),
  ...Object.fromEntries(["26", "27", "28"].map((number) => [number, `sha384 ${USUAL}`])),
  "31": `sha1 ${USUAL}, nonce of 18`,
  "34": `sha1 ${USUAL}, nonce of 18`,
  "35": `sha1 ${USUAL}, … 4 in all, nonce of 18`,
};

describe("requests that real clients sent", () => {
  it.each(filesOf("client-captured", ".req.der"))("%s", async (file) => {
    const path = `${VECTORS}client-captured/${file}`;
    const der = readFileSync(path);
    expect(told(der)).toBe(CAPTURED[file.slice(0, 2)] ?? `sha1 ${USUAL}`);
    expect(await opensslReads(path)).toEqual(read(der));
  });

  it("a response is no request", () => {
    const der = readFileSync(`${VECTORS}client-captured/resp-certid-params-absent.der`);
    expect(told(der)).toBe("byte 4: tag 0x0a where 0x30 was expected");
  });
});

/** What `openssl ocsp -req_text` shows of a request, in the form of `read`. */
async function opensslReads(path: string): Promise<ReturnType<typeof read>> {
  const { stdout } = await run("openssl", ["ocsp", "-reqin", path, "-req_text"]);
  // A signed request's certificate would show after this, with a serial number of its own.
  const [unsigned = ""] = stdout.split(/^ *Signature Algorithm/m);
  const text = unsigned.replaceAll("\\\n", "");
  const values = (name: string): string[] =>
    [...text.matchAll(new RegExp(`${name}: *\\n? *(\\S+)`, "g"))].map(([, value = ""]) => value);
  const names = Object.keys(HASHES) as (keyof typeof HASHES)[];
  const nonce = values("OCSP Nonce")[0]?.toLowerCase();
  return {
    certIDs: values("Serial Number").map((serialNumber, index) => ({
      hash: names.find((name) => name === values("Hash Algorithm")[index]),
      issuerNameHash: values("Issuer Name Hash")[index]?.toLowerCase() ?? "",
      issuerKeyHash: values("Issuer Key Hash")[index]?.toLowerCase() ?? "",
      serialNumber: Buffer.from(parseSerialNumber(serialNumber) ?? []).toString("hex"),
    })),
    nonce,
  };
}
