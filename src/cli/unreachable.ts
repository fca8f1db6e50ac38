import type { Config } from "../config/config.ts";
import { shellWord } from "../setup/shell-word.ts";
import { Failure } from "./failure.ts";

type Reach = Pick<Config, "admin" | "file">;

/** Why the authority did not answer, by the error of the connection. */
export function unreachable(error: NodeJS.ErrnoException, reach: Reach): Failure {
  const explain = explanations[error.code ?? ""] ?? connectionLost;
  const { message, remedy } = explain(reach, error);
  return new Failure("authorityUnreachable", message, remedy);
}

type Explanation = (
  reach: Reach,
  error: NodeJS.ErrnoException,
) => { message: string; remedy: string };

const explanations: Readonly<Record<string, Explanation>> = {
  ENOENT: ({ admin, file }) => ({
    message: `the authority is not running: there is no ${admin}`,
    remedy: `start it with "vouch serve --config ${shellWord(file)}" (or "systemctl start vouch-authority"); if it runs, it has another configuration: give that with --config`,
  }),
  ECONNREFUSED: ({ admin, file }) => ({
    message: `the authority has stopped: nobody listens on ${admin}`,
    remedy: `see its log for why, and start it again with "vouch serve --config ${shellWord(file)}" (or "systemctl restart vouch-authority")`,
  }),
  EACCES: ({ admin }) => ({
    message: `you may not speak with the authority: permission denied on ${admin}`,
    remedy: `join the group that owns it ("sudo usermod -aG vouch-admin $USER", then log in again), or use sudo`,
  }),
  // A queue of connections that nobody takes is full.
  EAGAIN: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
};

function silent({ admin }: Reach): { message: string; remedy: string } {
  return {
    message: `the authority on ${admin} gives no sign of life: it is stopped, hangs, or the machine is overloaded`,
    remedy: `see its log and "systemctl status vouch-authority", and restart it; what was asked may yet happen: look with "vouch status" before asking again`,
  };
}

function connectionLost(
  { admin }: Reach,
  error: NodeJS.ErrnoException,
): { message: string; remedy: string } {
  return {
    message: `the connection to the authority on ${admin} broke before it answered: ${error.message}`,
    remedy: `what was asked may have happened or not: look with "vouch status"; asking again is safe`,
  };
}
