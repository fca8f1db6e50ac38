import { readFileSync } from "node:fs";

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
