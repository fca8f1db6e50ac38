import { BoundSocket } from "node:net";
import { StartError } from "./start-error.ts";

/** A numeric address; an IPv6 host has no brackets. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** Binds an address, or says in the operator's words why it cannot; `key` is its place in the configuration. */
export function bindAddress(key: string, address: Address): BoundSocket {
  try {
    return new BoundSocket(address);
  } catch (error) {
    throw cannotListen(key, address, error);
  }
}

/** The error of an address that cannot be listened on. */
export function cannotListen(key: string, { host, port }: Address, error: unknown): StartError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const where = `${key}: ${host}:${port}`;
  if (code === "EADDRINUSE") {
    return new StartError(
      "alreadyRunning",
      `${where} is in use by another process`,
      "stop that process, or name another port in the configuration",
    );
  }
  return new StartError(
    "internal",
    `${where} cannot be listened on (${code || String(error)})`,
    code === "EACCES"
      ? "ports below 1024 need CAP_NET_BIND_SERVICE, or a socket from systemd"
      : "name an address of this machine",
  );
}
