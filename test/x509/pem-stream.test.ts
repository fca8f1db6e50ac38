import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerError } from "../../src/der/reader.ts";
import { PemStream } from "../../src/x509/pem-stream.ts";

function textOf(octets: Uint8Array, end = "\n"): string {
  const lines =
    Buffer.from(octets)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN X509 CRL-----", ...lines, "-----END X509 CRL-----", ""].join(end);
}

function read(text: string, piece: number): Buffer {
  const found: Buffer[] = [];
  const stream = new PemStream("X509 CRL", (octets) => void found.push(Buffer.from(octets)));
  const octets = Buffer.from(text, "latin1");
  for (let at = 0; at < octets.length; at += piece) stream.push(octets.subarray(at, at + piece));
  stream.end();
  return Buffer.concat(found);
}

describe("a PEM text in pieces", () => {
  it("gives its octets, wherever it is cut, with LF or CRLF and text around it", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom("\n", "\r\n"),
        (octets, piece, end) => {
          const text = `Certificate Revocation List:${end}${textOf(octets, end)}more${end}`;
          expect(read(text, piece)).toEqual(Buffer.from(octets));
        },
      ),
    );
  });

  it.each([
    ["nothing", "", /line 1: no -----BEGIN/],
    ["no end", "-----BEGIN X509 CRL-----\nAAAA\n", /line 3: no -----END/],
    ["another end", "-----BEGIN X509 CRL-----\nAAAA\n-----END CERTIFICATE-----", /line 3: should/],
    ["cut off base64", "-----BEGIN X509 CRL-----\nAAA\n-----END X509 CRL-----", /line 3: .* cut/],
    ["a stranger's line", "-----BEGIN X509 CRL-----\nAA*A\n", /line 2: not base64/],
    ["digits after the end", "-----BEGIN X509 CRL-----\nAAA=\nAAAA\n", /line 3: not base64/],
    ["a block inside", "-----BEGIN X509 CRL-----\n-----BEGIN X-----\n", /line 2: .* inside/],
    ["two", textOf(Buffer.of(1)).repeat(2), /line 4: a second X509 CRL/],
    ["an endless line", "-".repeat(70_000), /line 0: a line is too long/],
  ])("refuses %s", (_name, text, message) => {
    for (const piece of [1, 1000, 100_000]) {
      if (text.length > 1000 && piece === 1) continue;
      expect(() => read(text, piece)).toThrow(DerError);
      expect(() => read(text, piece)).toThrow(message);
    }
  });
});
