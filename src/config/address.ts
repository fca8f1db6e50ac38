import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { z } from "zod";
import type { ListenAddress } from "./config.ts";
import { scalar } from "./scalar.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`; nothing when it is no such address. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = plain === "localhost" ? "127.0.0.1" : (bracketed ?? plain ?? "");
  const isHost = bracketed === undefined ? isIPv4(host) : isIPv6(host);
  const port = Number(digits);
  return isHost && port <= 65_535 ? { host, port } : undefined;
}

/** An address to listen on. */
export function listenAddress(example: string): z.ZodType<ListenAddress> {
  return scalar((raw) => {
    const value = typeof raw === "string" ? parseListenAddress(raw) : undefined;
    if (value !== undefined) return { value };
    const must = "a numeric address and a port from 0 to 65535";
    return { must, do: `write it as "${example}", or "[::1]:PORT" for IPv6` };
  });
}

/** Whether only this machine can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/** An address or a network of addresses, such as 10.0.0.0/8. */
export function network(): z.ZodType<string> {
  return scalar((raw) =>
    typeof raw === "string" && isNetwork(raw)
      ? { value: raw }
      : { must: "an address or a network", do: 'write it as "10.0.0.0/8" or "10.1.2.3"' },
  );
}

function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}
