import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BadPemBlock, type PemBlock, pemBlocks } from "../../src/x509/pem.ts";

function blocks(text: Uint8Array | string): (PemBlock | BadPemBlock)[] {
  return [...pemBlocks(text)];
}

test("a bundle as Node carries it, with text between the blocks", () => {
  const text = rootCertificates.map((pem, at) => `subject=root ${at}\n${pem}\n`).join("\n");
  const found = blocks(text);
  const ders = rootCertificates.map((pem) => new X509Certificate(pem).raw);
  expect(found.map((block) => "der" in block && Buffer.from(block.der))).toEqual(ders);
  const lines = text.split("\n");
  expect(found.map(({ line }) => lines[line - 1])).toEqual(
    rootCertificates.map(() => "-----BEGIN CERTIFICATE-----"),
  );
});

test("CRLF, a byte order mark, spaces at line ends, a private key beside, no last line end", () => {
  const text =
    "\uFEFF-----BEGIN A KEY-----\r\nAQID  \r\n-----END A KEY----- \r\n-----BEGIN B-----\r\nBAUG\r\n-----END B-----";
  expect(blocks(text)).toEqual([
    { label: "A KEY", line: 1, der: Buffer.of(1, 2, 3) },
    { label: "B", line: 4, der: Buffer.of(4, 5, 6) },
  ]);
});

test("any octets come back, whatever the length of the lines", () => {
  const shape = fc.record({
    label: fc.constantFrom("CERTIFICATE", "X509 CRL", "A"),
    der: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    width: fc.integer({ min: 1, max: 80 }),
  });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), (all, end) => {
      let text = "";
      const expected = all.map(({ label, der, width }) => {
        const line = text.split("\n").length;
        const body = Buffer.from(der)
          .toString("base64")
          .match(new RegExp(`.{1,${width}}`, "g"));
        const lines = [`-----BEGIN ${label}-----`, ...(body ?? []), `-----END ${label}-----`, ""];
        text += lines.join(end);
        return { label, line, der: Buffer.from(der) };
      });
      expect(blocks(text)).toEqual(expected);
    }),
  );
});

describe("a bad block is reported with its line, and the next one read", () => {
  const good = "-----BEGIN GOOD-----\nAQID\n-----END GOOD-----\n";
  const table: [string, string, string][] = [
    [
      "a character that is none of base64's",
      "AQID\nBA*G\nAQID\n-----END X-----",
      "line 3 is not base64",
    ],
    ["padding in the middle", "AQI=\nAQID\n-----END X-----", "line 2 is not base64"],
    ["headers, as encrypted keys have", "DEK: a\n\nAQID\n-----END X-----", "line 2 is not base64"],
    ["cut off", "AQID\nAQ\n-----END X-----", "line 3: the base64 is cut off"],
    ["nothing inside", "-----END X-----", "nothing between BEGIN and END"],
    ["another END", "AQID\n-----END Y-----", "line 3 should be -----END X-----"],
    ["no END", "AQID", "no END X line follows"],
  ];
  test.each(table)("%s", (_, body, problem) => {
    const [bad, next] = blocks(`-----BEGIN X-----\n${body}\n${good}`);
    expect(bad).toMatchObject({ label: "X", line: 1, problem: expect.stringContaining(problem) });
    expect(next).toMatchObject({ label: "GOOD", der: Buffer.of(1, 2, 3) });
  });

  test("a BEGIN line without its end", () => {
    const [bad, next] = blocks(`-----BEGIN X----\nAQID\n-----END X-----\n${good}`);
    expect(bad).toMatchObject({ line: 1, problem: expect.stringContaining("dashes") });
    expect(next).toMatchObject({ label: "GOOD", line: 4 });
  });
});

test("BEGIN in the middle of a line, and files without any, give nothing", () => {
  expect(blocks("see -----BEGIN X-----\nAQID\n-----END X-----\n")).toEqual([]);
  expect(blocks("")).toEqual([]);
  expect(blocks(Buffer.of(0x30, 0x82, 0x01))).toEqual([]);
});
