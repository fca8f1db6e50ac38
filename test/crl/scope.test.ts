import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  crlScopePaths,
  crlScopes,
  numberedName,
  scopeName,
  shardOf,
  splitNumberedName,
} from "../../src/crl/scope.ts";
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

describe("the name that a CRL keeps", () => {
  it.each([
    ["/crl/gov-1.crl", 1764000000000n, "/crl/gov-1/1764000000000.crl"],
    ["/crl/gov-1-delta.crl", 7n, "/crl/gov-1-delta/7.crl"],
    ["/crl/gov-1/17.crl", 0n, "/crl/gov-1/17/0.crl"],
    ["gov.crl.crl", 2n ** 159n - 1n, `gov.crl/${2n ** 159n - 1n}.crl`],
  ])("%s with %d", (name, crlNumber, expected) => {
    expect(numberedName(name, crlNumber)).toBe(expected);
    expect(splitNumberedName(expected)).toEqual({ name, crlNumber });
  });

  it.each([
    "/crl/gov-1.crl",
    "/crl/gov-1/.crl",
    "/crl/gov-1/01.crl",
    "/crl/gov-1/-1.crl",
    "/crl/gov-1/1e3.crl",
    "/crl/gov-1/0x10.crl",
    "/crl/gov-1/12.CRL",
    "/crl/gov-1/12",
    "/crl/gov-1/12.crl.gz",
    `/crl/gov-1/${2n ** 159n}.crl`,
    `/crl/gov-1/${"9".repeat(5_000)}.crl`,
  ])("is not %s", (path) => {
    expect(splitNumberedName(path)).toBeUndefined();
  });
});
