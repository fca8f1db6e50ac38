import type { BoundSocket } from "node:net";
import type { ListenAddress } from "../config/config.ts";
import { bindAddress } from "../observe/bind.ts";
import { INHERITED_SOCKET } from "../observe/reports.ts";

/** systemd's first passed descriptor (sd_listen_fds(3)). */
const SYSTEMD_SOCKET = 3;

/** What `server.listen` takes. */
export type ListenTarget = { readonly fd: number } | { readonly handle: BoundSocket };

/**
 * Where to listen: on the socket that the supervisor or systemd has bound, so that connections wait in its
 * queue while a responder is replaced; else on one of our own.
 */
export function listenTarget(address: ListenAddress, env: NodeJS.ProcessEnv): ListenTarget {
  const inherited = env[INHERITED_SOCKET];
  if (inherited !== undefined) return { fd: Number(inherited) };
  const isForUs = env["LISTEN_PID"] === String(process.pid) && Number(env["LISTEN_FDS"]) >= 1;
  if (isForUs) return { fd: SYSTEMD_SOCKET };
  return { handle: bindAddress("public.http", address) };
}
