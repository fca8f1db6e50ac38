import { describe, expect, it } from "vitest";
import { prefersGzip } from "../../src/responder/accept-encoding.ts";

describe("gzip is given to", () => {
  it.each([
    "gzip",
    "GZIP",
    "x-gzip",
    "gzip, deflate, br",
    "deflate,gzip",
    "gzip;q=1",
    "gzip;q=0.001",
    "gzip ; q=0.5",
    "gzip;Q=1.000",
    "gzip;q=0.5, identity;q=0.5",
    "identity;q=0, gzip;q=0.1",
    "br;q=1, gzip;q=0.2, *;q=0",
    "gzip;q=1, *;q=0.5",
    "gzip;q=1, identity;q=0.5, *;q=0",
    " , ,gzip, ",
    "nonsense/x, gzip",
  ])("%j", (field) => {
    expect(prefersGzip(field)).toBe(true);
  });
});

describe("gzip is not given to", () => {
  it.each([
    undefined,
    "",
    "identity",
    "*",
    "*;q=1",
    "br, deflate, zstd",
    "gzip;q=0",
    "gzip;q=0.0",
    "gzip;q=0.000, deflate",
    "gzip;q=0, *",
    "gzip;q=0.4, identity;q=0.5",
    "gzip;q=0.4, identity",
    "gzip;q=0.4, *;q=0.5",
    "gzip;q=2",
    "gzip;q=1.5, identity",
    "gzip;q=-1",
    "gzip;q=",
    "gzip;level=9",
    "gzipped",
    "not-gzip",
    "gzip/1",
    `${"a,".repeat(600)}gzip`,
  ])("%j", (field) => {
    expect(prefersGzip(field)).toBe(false);
  });
});
