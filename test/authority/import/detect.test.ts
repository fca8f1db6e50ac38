import { describe, expect, test } from "vitest";
import { detectFormat } from "../../../src/authority/import/detect.ts";

const V = "V\t270101000000Z\t\t0A\tunknown\t/CN=a\n";

describe("by content, whatever the name", () => {
  const table: [string, string | Buffer, ReturnType<typeof detectFormat>][] = [
    ["PEM", "-----BEGIN CERTIFICATE-----\n", "certs"],
    ["PEM after text", "subject=CN = a\n\n-----BEGIN CERTIFICATE-----\n", "certs"],
    ["DER", Buffer.of(0x30, 0x82, 0x03, 0x01, 0x30), "certs"],
    ["index.txt", V, "index"],
    ["index.txt that begins revoked, after comments", `# a\n\n${V.replace("V", "R")}`, "index"],
    ["index.txt with GeneralizedTime", V.replace("27", "2057"), "index"],
    ["CSV", "status,serialNumber\ngood,1\n", "csv"],
    ["CSV with byte order mark, quotes, capitals", '\uFEFF"SERIALNUMBER","status"\r\n', "csv"],
    ["CSV with semicolons, for its error to say so", "serialNumber;status\n", "csv"],
    ["text", "Xin chào\n", undefined],
    ["digits", "0A\n0B\n", undefined],
    ["nothing", "", undefined],
  ];
  test.each(table)("%s", (_, head, format) => {
    expect(detectFormat("file", Buffer.from(head as string))).toBe(format);
  });

  test("content goes before the name", () => {
    expect(detectFormat("certs.csv", Buffer.from(V))).toBe("index");
  });
});

describe("by name, where the content shows nothing", () => {
  test.each([
    ["demoCA/index.txt", "index"],
    ["index.txt", "index"],
    ["index-gov-1.txt", "index"],
    ["a.CSV", "csv"],
    ["a.pem", "certs"],
    ["a.der", "certs"],
    ["a.crt", "certs"],
    ["myindex.txt", undefined],
    ["a.txt", undefined],
  ])("%s", (name, format) => expect(detectFormat(name, Buffer.alloc(0))).toBe(format));
});
