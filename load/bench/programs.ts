import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that are used and that npm does not bring. */
export type Program = "taskset" | "openssl" | "wrk" | "h2load" | "nginx" | "go";

/** How to install each, on Debian. */
export const HOW_TO_INSTALL: Readonly<Record<Program, string>> = {
  taskset: "apt install util-linux",
  openssl: "apt install openssl",
  wrk: "apt install wrk",
  h2load: "apt install nghttp2-client",
  nginx: "apt install nginx; the service may stay off",
  go: "Go 1.24 or newer from https://go.dev/dl/",
};

/** Where a program is, or nothing. */
export function programPath(program: Program): string | undefined {
  // Debian keeps nginx where an ordinary user's PATH does not look.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Which core the servers run on, and which the load comes from. */
export interface Cores {
  readonly server: number;
  readonly load: number;
}

/** The first and the last core that this process may use. Throws where there is one only. */
export function chooseCores(): Cores {
  const status = readFileSync("/proc/self/status", "latin1");
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "0";
  const numbers = list.split(/[,-]/).map(Number);
  const cores = { server: Math.min(...numbers), load: Math.max(...numbers) };
  if (cores.server !== cores.load) return cores;
  throw new Error("two cores are needed: one for the servers, one for the load");
}
