import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProxyHeader } from "../../src/responder/proxy-header.ts";
import { ipv4Addresses, ipv6Addresses, proxied, proxyHeader } from "./proxy-octets.ts";

const PROXY = 0x21;
const LOCAL = 0x20;
const IPV4 = ipv4Addresses("198.51.100.1");
/** PP2_TYPE_CRC32C, which whoever does not know it passes over, and PP2_TYPE_NOOP. */
const TLVS = Buffer.concat([Buffer.from([0x03, 0, 4, 1, 2, 3, 4]), Buffer.from([0x04, 0, 1, 0])]);

describe("a PROXY header", () => {
  it.each([
    ["TCP over IPv4", proxied("198.51.100.1"), 28, "198.51.100.1"],
    [
      "TCP over IPv6",
      proxyHeader(PROXY, 0x21, ipv6Addresses("20010db8000000000000000000000001")),
      52,
      "2001:db8::1",
    ],
    [
      "IPv4 mapped into IPv6",
      proxyHeader(PROXY, 0x21, ipv6Addresses("00000000000000000000ffffc6336401")),
      52,
      "198.51.100.1",
    ],
    [
      "TLVs after the addresses",
      proxyHeader(PROXY, 0x11, Buffer.concat([IPV4, TLVS])),
      39,
      "198.51.100.1",
    ],
    ["LOCAL", proxyHeader(LOCAL, 0x00, Buffer.alloc(0)), 16, undefined],
    ["LOCAL, whose addresses do not count", proxyHeader(LOCAL, 0x11, IPV4), 28, undefined],
    ["UNSPEC", proxyHeader(PROXY, 0x00, Buffer.alloc(5)), 21, undefined],
    ["UNSPEC over a stream", proxyHeader(PROXY, 0x01, Buffer.alloc(5)), 21, undefined],
    ["a unix socket", proxyHeader(PROXY, 0x31, Buffer.alloc(216)), 232, undefined],
  ])("%s", (_, octets, length, source) => {
    const reading = readProxyHeader(Buffer.concat([octets, Buffer.from("GET /")]));
    expect(reading).toStrictEqual({ length, source });
  });

  it.each([
    ["version 1 of the header's form", proxyHeader(0x11, 0x11, IPV4)],
    ["an unknown command", proxyHeader(0x22, 0x11, IPV4)],
    ["UDP", proxyHeader(PROXY, 0x12, IPV4)],
    ["an unknown family", proxyHeader(PROXY, 0x41, IPV4)],
    ["addresses that are too short", proxyHeader(PROXY, 0x11, IPV4.subarray(0, 11))],
    ["IPv6 with room for IPv4 only", proxyHeader(PROXY, 0x21, IPV4)],
    ["a length over the bound, before the rest has come", proxyHeader(PROXY, 0x11, IPV4, 2_049)],
    ["65,535 octets", proxyHeader(PROXY, 0x11, IPV4, 65_535)],
  ])("%s is bad", (_, octets) => {
    expect(readProxyHeader(octets)).toBe("bad");
  });

  it.each([
    "GET / HTTP/1.1\r\n",
    "\r\nGET /",
    "\r\n\r\nG",
    "\x16\x03\x01",
    "PRI * HTTP/2.0",
    "PROXY TCP4",
  ])("%j is none", (text) => {
    expect(readProxyHeader(Buffer.from(text, "latin1"))).toBe("none");
  });

  it("that is not all there yet is waited for, octet by octet", () => {
    const octets = proxyHeader(PROXY, 0x11, Buffer.concat([IPV4, TLVS]));
    for (let length = 0; length < octets.length; length++) {
      expect(readProxyHeader(octets.subarray(0, length))).toBe("partial");
    }
  });

  it("of any octets is read without a throw, and never longer than there are octets", () => {
    const after = fc.uint8Array({ maxLength: 300 }).map((rest) => {
      return Buffer.concat([proxied("198.51.100.1").subarray(0, 12), rest]);
    });
    fc.assert(
      fc.property(after, (octets) => {
        const reading = readProxyHeader(octets);
        if (typeof reading !== "string") expect(reading.length).toBeLessThanOrEqual(octets.length);
      }),
    );
  });
});
