import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { element, oid, sequence } from "../../src/der/writer.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { nameText } from "../../src/x509/name.ts";
import { derOf, OpensslCA } from "./openssl-ca.ts";

const UTF8 = 0x0c;

function commonName(tag: number, octets: Uint8Array | string): Buffer {
  const value = element(tag, Buffer.from(octets as string));
  return sequence(element(0x31, sequence(oid("2.5.4.3"), value)));
}

let ca: OpensslCA | undefined;
afterAll(() => ca?.remove());

test("a Vietnamese CA's name, most specific part first", () => {
  ca = new OpensslCA("/C=VN/O=Ban Cơ yếu Chính phủ/CN=Cơ quan chứng thực số, Chính phủ");
  const { subject } = readCertificate(derOf(ca.read("ca.pem")));
  const text = "CN=Cơ quan chứng thực số\\, Chính phủ, O=Ban Cơ yếu Chính phủ, C=VN";
  expect(nameText(subject)).toBe(text);
  const byOpenssl = ca.run(
    "x509",
    "-in",
    "ca.pem",
    "-noout",
    "-subject",
    "-nameopt",
    "RFC2253,-esc_msb",
  );
  expect(byOpenssl.trim()).toBe(`subject=${text.replaceAll(", ", ",").replace("\\,", "\\, ")}`);
});

describe("string types", () => {
  const table: [string, Buffer, string][] = [
    ["UTF8String", commonName(UTF8, "Đức"), "CN=Đức"],
    ["PrintableString", commonName(0x13, "Duc"), "CN=Duc"],
    ["TeletexString as Latin-1", commonName(0x14, Uint8Array.of(0x44, 0xfa, 0x63)), "CN=Dúc"],
    ["BMPString", commonName(0x1e, Uint8Array.of(0x01, 0x10, 0x1e, 0xe9)), "CN=\u0110\u1ee9"],
    ["IA5String", commonName(0x16, "a@b"), "CN=a@b"],
    ["what is no string", commonName(0x02, Uint8Array.of(5)), "CN=#020105"],
    ["UTF8String that is none", commonName(UTF8, Uint8Array.of(0x61, 0xff)), "CN=a\uFFFD"],
  ];
  test.each(table)("%s", (_, der, text) => expect(nameText(der)).toBe(text));
});

describe("what could mislead a reader is escaped", () => {
  const table: [string, string, string][] = [
    ["line ends", "a\r\nb", "CN=a\\0D\\0Ab"],
    ["terminal escapes", "\u001b[31mred", "CN=\\1B[31mred"],
    ["turned writing direction", "a\u202eb", "CN=a\\E2\\80\\AEb"],
    ["separators", 'a,b+c"d\\e;f<g>', 'CN=a\\,b\\+c\\"d\\\\e\\;f\\<g\\>'],
    ["space at the ends and number sign", "# a ", "CN=\\# a\\ "],
  ];
  test.each(table)("%s", (_, value, text) => expect(nameText(commonName(UTF8, value))).toBe(text));

  test("and what is long is cut", () => {
    const text = nameText(commonName(UTF8, "x".repeat(5000)));
    expect(text).toBe(`CN=${"x".repeat(197)}…`);
  });
});

test("several attributes in one part, types without a short name, empty names", () => {
  const pair = (type: string, value: string) =>
    sequence(oid(type), element(UTF8, Buffer.from(value)));
  const name = sequence(element(0x31, pair("2.5.4.3", "a"), pair("2.25.300", "b")));
  expect(nameText(name)).toBe("CN=a+2.25.300=b");
  expect(nameText(sequence())).toBe("");
});

test("what is no Name stands in hexadecimal", () => {
  expect(nameText(Uint8Array.of(0x30, 0x05, 0x31))).toBe("#300531");
});

test("any octets give a text that prints on one line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (octets, isValue) => {
      const text = nameText(isValue ? commonName(UTF8, octets) : octets);
      expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
      expect(text.length).toBeLessThanOrEqual(201);
    }),
  );
});

test("the common names of the roots that Node carries are in their texts", () => {
  for (const pem of rootCertificates) {
    const x509 = new X509Certificate(pem);
    const common = /^CN=(.*)$/m.exec(x509.subject)?.[1];
    if (!common || /[\\,"+]/.test(common)) continue;
    expect(nameText(readCertificate(x509.raw).subject)).toContain(`CN=${common}`);
  }
});
