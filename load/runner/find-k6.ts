import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { programPath } from "../../test/support/program-path.ts";

/** The version that the scripts were written for. */
const VERSION = "v1.8.1";

/** How to get k6, since nothing is installed here. */
const HOW = `k6 is needed, and is not on the PATH. Build it from the Go module proxy (Go 1.25 or newer, a few minutes):

  GOBIN="$HOME/bin" go install go.k6.io/k6@${VERSION}
  K6="$HOME/bin/k6" npm run load
`;

/** The path of k6, from the environment's K6 or the PATH. Ends the process with how to get it when it is missing. */
export function findK6(): string {
  const named = process.env["K6"];
  const found = named ?? programPath("k6");
  if (found !== undefined && existsSync(found)) return found;
  process.stderr.write(named === undefined ? HOW : `K6=${named} is not there.\n\n${HOW}`);
  process.exit(1);
}

/** What `k6 version` says. */
export function k6Version(k6: string): string {
  return spawnSync(k6, ["version"], { encoding: "utf8" }).stdout.trim();
}
