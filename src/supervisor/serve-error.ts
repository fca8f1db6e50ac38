import type { ListenAddress } from "../config/config.ts";

/** Serving cannot begin: why, and what to do; the command prints both. */
export class ServeError extends Error {
  override name = "ServeError";
  readonly code: "storeMissing" | "configuration" | "alreadyRunning" | "internal";
  readonly do: string;

  constructor(code: ServeError["code"], message: string, remedy: string) {
    super(message);
    this.code = code;
    this.do = remedy;
  }
}

/** An address that cannot be listened on; `key` is its place in the configuration. */
export function cannotListen(key: string, address: ListenAddress, error: unknown): ServeError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const where = `${key}: ${address.host}:${address.port}`;
  if (code === "EADDRINUSE") {
    return new ServeError(
      "alreadyRunning",
      `${where} is in use by another process`,
      "stop that process, or name another port in the configuration",
    );
  }
  return new ServeError(
    "internal",
    `${where} cannot be listened on (${code || String(error)})`,
    code === "EACCES"
      ? "ports below 1024 need CAP_NET_BIND_SERVICE, or a socket from systemd"
      : "name an address of this machine",
  );
}
