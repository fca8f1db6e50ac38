import { plainAddress } from "./client-address.ts";

/** The header of the PROXY protocol, version 2: how long it is, and the address that it names. */
export interface ProxyHeader {
  readonly length: number;
  /** Nothing where the connection is the proxy's own (LOCAL: a health check), or its client has no address. */
  readonly source: string | undefined;
}

/** "partial": more octets decide; "none": the connection begins with something else. */
export type ProxyReading = ProxyHeader | "partial" | "none" | "bad";

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const VERSION_AT = SIGNATURE.length;
const FAMILY_AT = VERSION_AT + 1;
const LENGTH_AT = FAMILY_AT + 1;
const ADDRESSES_AT = LENGTH_AT + 2;
/** The addresses, and room for additional fields (TLVs), which nothing here needs. */
const LONGEST_REST = 2_048;
const VERSION_2_LOCAL = 0x20;
const VERSION_2_PROXY = 0x21;
/** AF_UNSPEC, whatever the protocol, and AF_UNIX name no address that limits could count. */
const WITHOUT_ADDRESS: ReadonlySet<number> = new Set([0x00, 0x01, 0x02, 0x31]);
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * Reads the header that a proxy puts before a connection's own octets (PROXY protocol specification 2.2).
 * Only from a peer that is trusted may it be believed. It is never ambiguous: neither HTTP nor TLS can begin
 * with its signature.
 */
export function readProxyHeader(octets: Buffer): ProxyReading {
  const signed = Math.min(octets.length, SIGNATURE.length);
  if (octets.compare(SIGNATURE, 0, signed, 0, signed) !== 0) return "none";
  if (octets.length < ADDRESSES_AT) return "partial";
  const rest = octets.readUInt16BE(LENGTH_AT);
  if (rest > LONGEST_REST) return "bad";
  const command = octets[VERSION_AT];
  if (command !== VERSION_2_LOCAL && command !== VERSION_2_PROXY) return "bad";
  const length = ADDRESSES_AT + rest;
  if (octets.length < length) return "partial";
  if (command === VERSION_2_LOCAL) return { length, source: undefined };
  return withSource(octets, length);
}

function withSource(octets: Buffer, length: number): ProxyHeader | "bad" {
  const family = octets[FAMILY_AT] as number;
  if (WITHOUT_ADDRESS.has(family)) return { length, source: undefined };
  const addresses = octets.subarray(ADDRESSES_AT, length);
  const source = sourceAddress(family, addresses);
  return source === undefined ? "bad" : { length, source };
}

/** Source and destination address, then their ports: 12 octets, or 36. */
function sourceAddress(family: number, addresses: Buffer): string | undefined {
  if (family === TCP_OVER_IPV4 && addresses.length >= 12) return addresses.subarray(0, 4).join(".");
  if (family !== TCP_OVER_IPV6 || addresses.length < 36) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => addresses.readUInt16BE(i * 2).toString(16));
  return plainAddress(groups.join(":"));
}
