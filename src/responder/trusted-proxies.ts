import { BlockList, isIPv6 } from "node:net";
import { plainAddress } from "./client-address.ts";

/** Proxies that a request passes; more than these are not looked through. */
const MOST_HOPS = 20;
/** With a port, as some proxies write it: 192.0.2.1:4711, [2001:db8::1], [2001:db8::1]:4711. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/;

/** The proxies whose word on who the client is counts (`public.trustedProxies`). */
export class TrustedProxies {
  readonly #networks = new BlockList();

  /** Takes addresses and networks as the configuration has them: `10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", prefix] = network.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#networks.addAddress(address, family);
      else this.#networks.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether this address, as `plainAddress` gives it, is a proxy's. */
  trusts(address: string): boolean {
    return this.#networks.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }

  /**
   * The client of a request that came from the proxy `peer` with this X-Forwarded-For (all its fields,
   * joined by commas): from the right, the first address that is not a trusted proxy's. What stands to the
   * left of that, or of anything that is no address, was written by somebody who is not trusted.
   */
  clientOf(peer: string, forwardedFor: string): string {
    let client = peer;
    const hops = forwardedFor.split(",").reverse().slice(0, MOST_HOPS);
    for (const hop of hops) {
      const address = addressOf(hop.trim());
      if (address === undefined) return client;
      client = address;
      if (!this.trusts(address)) return client;
    }
    return client;
  }
}

function addressOf(hop: string): string | undefined {
  const [, bracketed, dotted] = WITH_PORT.exec(hop) ?? [];
  return plainAddress(bracketed ?? dotted ?? hop);
}
