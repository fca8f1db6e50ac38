import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLoopback, parseListenAddress } from "../../src/config/address.ts";

const port = fc.integer({ min: 0, max: 65_535 });

describe("parseListenAddress", () => {
  it("reads every IPv4 address and port", () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (host, number) => {
        expect(parseListenAddress(`${host}:${number}`)).toStrictEqual({ host, port: number });
      }),
    );
  });

  it("reads every IPv6 address in brackets, and port", () => {
    fc.assert(
      fc.property(fc.ipV6(), port, (host, number) => {
        expect(parseListenAddress(`[${host}]:${number}`)).toStrictEqual({ host, port: number });
      }),
    );
  });

  it("refuses ports beyond the last", () => {
    fc.assert(
      fc.property(fc.integer({ min: 65_536 }), (number) => {
        expect(parseListenAddress(`127.0.0.1:${number}`)).toBeUndefined();
      }),
    );
  });

  it("yields only numeric hosts and real ports, whatever it is given", () => {
    const host = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.string(),
    );
    const number = fc.oneof(fc.integer(), fc.nat(99_999), fc.string());
    fc.assert(
      fc.property(host, fc.constantFrom(":", "", "::", ": "), number, (left, colon, right) => {
        const address = parseListenAddress(`${left}${colon}${right}`);
        if (address === undefined) return true;
        return isIP(address.host) !== 0 && address.port >= 0 && address.port <= 65_535;
      }),
    );
  });

  it("takes localhost for 127.0.0.1", () => {
    expect(parseListenAddress("localhost:80")).toStrictEqual({ host: "127.0.0.1", port: 80 });
  });

  it.each([
    "",
    ":80",
    "80",
    "127.0.0.1",
    "127.0.0.1:",
    "127.1:80",
    "1.2.3.4:-1",
    "1.2.3.4:+1",
    "1.2.3.4:0x50",
    "::1:80",
    "[::1]",
    "[1.2.3.4]:80",
    "[localhost]:80",
    "example.vn:80",
    "*:80",
    "1.2.3.4:80\n",
    "http://1.2.3.4:80",
  ])("refuses %j", (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });
});

describe("isLoopback", () => {
  it("is true of 127.0.0.0/8 alone among IPv4 addresses", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV4().map((ip) => ip.replace(/^\d+/, "127")),
        ),
        (host) => {
          expect(isLoopback({ host, port: 1 })).toBe(host.startsWith("127."));
        },
      ),
    );
  });

  it.each([
    ["::1", true],
    ["0:0::1", true],
    ["::ffff:127.0.0.1", true],
    ["::", false],
    ["::2", false],
    ["::ffff:128.0.0.1", false],
  ])("of %s is %s", (host, answer) => {
    expect(isLoopback({ host, port: 1 })).toBe(answer);
  });
});
