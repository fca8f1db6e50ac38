import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { goodCsv } from "../support/site.ts";
import { NODE, ROOT, vouchEnvironment } from "../support/vouch-cli.ts";
import { makeBench } from "./bench.ts";

const bench = await makeBench();

const it = needs("script", "apt-get install bsdutils");

/** Runs a command on a terminal of its own; standard output holds all that the terminal shows. */
function onTerminal(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const line = [NODE, "src/vouch.js", ...args, "--config", bench.places.config].join(" ");
  // Each of them decides for itself whether there are colours.
  const {
    NO_COLOR: _no,
    FORCE_COLOR: _force,
    CI: _ci,
    ...env
  } = vouchEnvironment({ TERM: "xterm" });
  return run("script", ["-qec", line, "/dev/null"], { cwd: ROOT, env });
}

describe("on a terminal", () => {
  it("import shows how far it is, and leaves a summary", async () => {
    const csv = join(bench.places.folder, "many.csv");
    writeFileSync(csv, goodCsv(Array.from({ length: 9000 }, (_, i) => (i + 1).toString(16))));
    const { code, stdout } = await onTerminal("import", "gov-1", csv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/importing .*\/9000/);
    expect(stdout).toContain("done: 9,000 read, 9,000 added");
  });

  it("status is coloured", async () => {
    bench.authority.answers["GET /certificates/gov-1/1"] = {
      document: {
        ...{ issuer: "gov-1", serialNumber: "1", status: "good", certStatus: "good", answers: [] },
        ...{ reason: null, revocationDate: null, invalidityDate: null, notAfter: null },
      },
    };
    const { stdout } = await onTerminal("status", "gov-1", "1");
    expect(stdout).toContain("\u001b[32mgood\u001b[39m");
  });
});
