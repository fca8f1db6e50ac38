const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

/** Addresses and ports as the PROXY protocol has them for TCP over IPv4. */
export function ipv4Addresses(source: string): Buffer {
  const octets = [...source.split(".").map(Number), 192, 0, 2, 1];
  return Buffer.from([...octets, 0x10, 0x92, 0x00, 0x50]);
}

/** The same over IPv6; the source as 32 hexadecimal digits. */
export function ipv6Addresses(source: string): Buffer {
  return Buffer.concat([Buffer.from(source, "hex"), Buffer.alloc(16, 1), Buffer.alloc(4, 2)]);
}

/** A PROXY header of version 2, octet for octet; `length` lies where it is given. */
export function proxyHeader(
  command: number,
  family: number,
  rest: Buffer,
  length: number = rest.length,
): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(command, 0);
  fixed.writeUInt8(family, 1);
  fixed.writeUInt16BE(length, 2);
  return Buffer.concat([SIGNATURE, fixed, rest]);
}

/** What a load balancer sends before a client's octets. */
export function proxied(source: string): Buffer {
  return proxyHeader(0x21, 0x11, ipv4Addresses(source));
}
