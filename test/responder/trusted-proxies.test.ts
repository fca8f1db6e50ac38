import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TrustedProxies } from "../../src/responder/trusted-proxies.ts";

const proxies = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);
const PROXY = "10.0.0.1";

describe("who is trusted", () => {
  it.each(["10.0.0.1", "10.255.0.1", "192.0.2.7", "2001:db8:1::1"])("%s is", (address) => {
    expect(proxies.trusts(address)).toBe(true);
  });

  it.each(["11.0.0.1", "192.0.2.8", "2001:db9::1", "::1"])("%s is not", (address) => {
    expect(proxies.trusts(address)).toBe(false);
  });

  it("is nobody where nobody is configured", () => {
    expect(new TrustedProxies([]).trusts("127.0.0.1")).toBe(false);
  });
});

describe("the client by X-Forwarded-For", () => {
  it.each([
    ["one address", "198.51.100.1", "198.51.100.1"],
    ["what a client wrote itself is to the left", "203.0.113.9, 198.51.100.1", "198.51.100.1"],
    ["proxies behind each other", "198.51.100.1, 10.2.3.4,10.2.3.5", "198.51.100.1"],
    ["IPv6", "198.51.100.1, 2001:db9::1, 2001:db8::5", "2001:db9::1"],
    ["IPv4 mapped into IPv6", "::ffff:198.51.100.1", "198.51.100.1"],
    ["with ports", "198.51.100.1:4711, [2001:db8::5]:80, 10.1.1.1:99", "198.51.100.1"],
    ["IPv6 in brackets", "[2001:db9::1]", "2001:db9::1"],
    ["a proxy's own request", "10.2.3.4", "10.2.3.4"],
    [
      "10,000 members of junk before it",
      `${"_x;[::, ".repeat(10_000)}198.51.100.1`,
      "198.51.100.1",
    ],
    ["a port that is none", "198.51.100.1:", PROXY],
    ["half a bracket", "[2001:db9::1", PROXY],
    ["IPv4 in brackets", "[198.51.100.1]:80", "198.51.100.1"],
    ["an address with leading noughts", "198.51.100.001", PROXY],
    ["nothing", "", PROXY],
    ["no address", "unknown", PROXY],
    ["no address behind a proxy", "198.51.100.1, unknown, 10.9.9.9", "10.9.9.9"],
    ["an empty member", "198.51.100.1, ", PROXY],
  ])("%s", (_, forwardedFor, client) => {
    expect(proxies.clientOf(PROXY, forwardedFor)).toBe(client);
  });

  it("is not looked for through more than 20 proxies", () => {
    const chain = ["198.51.100.1", ...Array<string>(30).fill("10.5.5.5")].join(", ");
    expect(proxies.clientOf(PROXY, chain)).toBe("10.5.5.5");
  });

  it("never comes from the left of an address that is not trusted", () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (written, address) => {
        fc.pre(!proxies.trusts(address));
        expect(proxies.clientOf(PROXY, `${written}, ${address}`)).toBe(address);
      }),
    );
  });
});
