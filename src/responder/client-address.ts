import { isIPv4, isIPv6, SocketAddress } from "node:net";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
/** Groups of 16 bits in an address, and in the network that one client is taken to have. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * An IP address in its one spelling: IPv4 mapped into IPv6 (RFC 4291 2.5.5.2) as IPv4, IPv6 by RFC 5952,
 * without a zone. Nothing for what is no address.
 */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const [address = ""] = text.split("%", 1);
  if (!isIPv6(address)) return undefined;
  const spelled = new SocketAddress({ address, family: "ipv6" }).address;
  return MAPPED.exec(spelled)?.[1] ?? spelled;
}

/**
 * What limits count as one client: an IPv4 address, or the /64 that an IPv6 address is in, since whoever
 * has one address of it has them all (RFC 4291 2.5.4). `address` is as `plainAddress` gives it.
 */
export function clientNetwork(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? 0 : groupCount(tail);
  const zeros = new Array<string>(GROUPS - Math.min(GROUPS, first.length + last)).fill("0");
  const all = [...first, ...zeros, ...groupsOf(tail ?? "")];
  return `${all.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}

/** The same for an address however it is spelled; what is none is one client. */
export function networkOf(address: string): string {
  return clientNetwork(plainAddress(address) ?? "");
}

function groupsOf(part: string): string[] {
  return part === "" ? [] : part.split(":");
}

/** A dotted end stands for two groups. */
function groupCount(part: string): number {
  return groupsOf(part).length + (part.includes(".") ? 1 : 0);
}
