import { describe, expect, it } from "vitest";
import { clientNetwork, plainAddress } from "../../src/responder/client-address.ts";

describe("an address in its one spelling", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
  ])("%s is %s", (text, address) => {
    expect(plainAddress(text)).toBe(address);
  });

  it.each(["", "unknown", "_hidden", "192.0.2", "192.0.2.256", "192.0.2.1:80", "2001:db8::1::2"])(
    "%s is none",
    (text) => {
      expect(plainAddress(text)).toBeUndefined();
    },
  );
});

describe("what limits count as one client", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::1:0:0:2", "2001:db8:0:0::/64"],
    ["1::2:3:4:5:6:7", "1:0:2:3::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::1.2.3.4", "0:0:0:0::/64"],
  ])("%s counts as %s", (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
