import { execFileSync, spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { programPath } from "../../test/support/program-path.ts";
import { CONNECTIONS } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import type { Program } from "./programs.ts";
import type { Site } from "./server.ts";

/** How each program says its version. */
const VERSIONS: readonly (readonly [Program, ...string[]])[] = [
  ["nginx", "-v"],
  ["go", "version"],
  ["openssl", "version"],
  ["wrk", "-v"],
  ["h2load", "--version"],
];

/** On what was measured, and how. */
export function circumstances(options: BenchOptions, { cores, questions }: Site): string[] {
  const { rounds, seconds, records } = options;
  const versions = VERSIONS.flatMap(([program, ...args]) => versionOf(program, args) ?? []);
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model}, servers on core ${cores.server}, load on core ${cores.load}`,
    `Vouch at ${commit()}, Node.js ${process.version}; ${versions.join("; ")}`,
    `${rounds} rounds in turn of ${seconds} s each, median (min–max); ${records} certificates, ${questions.length} different requests (POST over h2c: one), ${CONNECTIONS} connections (openssl: 4 at once)`,
    "P-256 signer, delegated; SHA-1 CertIDs, no nonce; CPU time is user and system time of all the server's processes; RSS counts shared pages in each process",
  ];
}

function versionOf(program: Program, args: readonly string[]): string | undefined {
  const path = programPath(program);
  if (path === undefined) return undefined;
  // Some say it on standard error, and wrk ends with 1.
  const { stdout, stderr } = spawnSync(path, args, { encoding: "utf8" });
  return (stdout || stderr).split("\n")[0]?.replace(/ \[.*| \(Library.*/, "");
}

function commit(): string {
  try {
    const args = ["describe", "--always", "--dirty"];
    const cwd = import.meta.dirname;
    return execFileSync("git", args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "an unknown commit";
  }
}
