import { isDeepStrictEqual } from "node:util";
import type { Config, Problem } from "./config.ts";

/** Keys whose values sockets, processes and the open store are made from. */
const restartOnly = ["data", "admin", "liveSign", "public", "ops", "responders"] as const;

/** One problem for each changed key that a running daemon cannot take over; a reload that has any is refused. */
export function restartOnlyChanges(running: Config, next: Config): readonly Problem[] {
  return restartOnly
    .filter((key) => !isDeepStrictEqual(running[key], next[key]))
    .map((key) => restartOnlyChange(next.file, key));
}

/** That a key of the file cannot be taken over. */
export function restartOnlyChange(file: string, key: (typeof restartOnly)[number]): Problem {
  return {
    where: `${file} ${key}`,
    problem: "differs from what is running, and changes by restart only",
    do: "restart Vouch to apply the file, or set this key back and reload",
  };
}
