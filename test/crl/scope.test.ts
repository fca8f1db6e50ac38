import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crlScopePaths, crlScopes, scopeName, shardOf } from "../../src/crl/scope.ts";
import { parseSerialNumber } from "../../src/x509/serial-number.ts";
import { serial } from "./signing-ca.ts";

describe("crlScopes", () => {
  it.each([
    [{ shards: 0, hasDelta: false }, ["full"]],
    [{ shards: 0, hasDelta: true }, ["full", "delta"]],
    [{ shards: 3, hasDelta: true }, ["full", "delta", "shard-0", "shard-1", "shard-2"]],
  ])("of %o", (kinds, scopes) => expect(crlScopes(kinds)).toEqual(scopes));
});

describe("shardOf", () => {
  it("is the serial number modulo the number of shards, however large", () => {
    const number = fc.bigInt({ min: 1n, max: 2n ** 160n - 1n });
    const shards = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(number, shards, (value, count) => {
        const octets = parseSerialNumber(value.toString(16));
        expect(octets && shardOf(octets, count)).toBe(Number(value % BigInt(count)));
      }),
    );
  });

  it("does not mind the 00 before a high bit", () => {
    expect(shardOf(serial("ff"), 7)).toBe(255 % 7);
  });
});

describe("the name of an issuer's CRL", () => {
  const url = "http://crl.example.vn/crl/gov-1.crl";

  it("follows from that of the full one", () => {
    expect(scopeName(url, "full")).toBe(url);
    expect(scopeName(url, "delta")).toBe("http://crl.example.vn/crl/gov-1-delta.crl");
    expect(scopeName(url, "shard-12")).toBe("http://crl.example.vn/crl/gov-1/12.crl");
  });

  it("is there for each path that ends in .crl", () => {
    const paths = ["/crl/gov-1.crl", "/pki/CRL?id=1", "/pki/gov.crl"];
    expect(crlScopePaths(paths, "full")).toEqual(paths);
    expect(crlScopePaths(paths, "delta")).toEqual(["/crl/gov-1-delta.crl", "/pki/gov-delta.crl"]);
    expect(crlScopePaths(paths, "shard-0")).toEqual(["/crl/gov-1/0.crl", "/pki/gov/0.crl"]);
  });
});
