import type { BoundSocket } from "node:net";
import type { ListenAddress } from "../config/config.ts";
import { bindAddress } from "../observe/bind.ts";
import { INHERITED_SOCKETS } from "../observe/reports.ts";
import { StartError } from "../observe/start-error.ts";

/** systemd's first passed descriptor (sd_listen_fds(3)). */
const FIRST_SYSTEMD_SOCKET = 3;

/** The public listeners, in the order in which their sockets are passed. */
const LISTENERS = ["http", "https"] as const;

/** One of them. */
export type Listener = (typeof LISTENERS)[number];

/** What `server.listen` takes. */
export type ListenTarget = { readonly fd: number } | { readonly handle: BoundSocket };

/**
 * Where to listen: on the socket that the supervisor or systemd has bound, so that connections wait in its
 * queue while a responder is replaced; else on one of our own.
 */
export function listenTarget(
  listener: Listener,
  address: ListenAddress,
  env: NodeJS.ProcessEnv,
): ListenTarget {
  const inherited = env[INHERITED_SOCKETS];
  const index = LISTENERS.indexOf(listener);
  if (inherited !== undefined) return { fd: Number(inherited.split(",")[index]) };
  const isForUs = env["LISTEN_PID"] === String(process.pid) && Number(env["LISTEN_FDS"]) >= 1;
  if (isForUs) return { fd: systemdSocket(listener, env) };
  return { handle: bindAddress(`public.${listener}`, address) };
}

/** By its name (FileDescriptorName=), where the sockets have these; else by its place. */
function systemdSocket(listener: Listener, env: NodeJS.ProcessEnv): number {
  const named = (env["LISTEN_FDNAMES"] ?? "").split(":").indexOf(listener);
  const index = named >= 0 ? named : LISTENERS.indexOf(listener);
  if (index < Number(env["LISTEN_FDS"])) return FIRST_SYSTEMD_SOCKET + index;
  throw new StartError(
    "configuration",
    `public.${listener} is configured, and systemd has passed no socket for it`,
    "add a second ListenStream= to the .socket unit, after that of public.http, and restart that unit",
  );
}
