import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "./has-program.ts";
import { type Ended, run } from "./run-program.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";

/** `it` for tests that need pkilint: without it they are skipped, and their names say how to get it. */
export const pkilint: ReturnType<typeof needs> = needs(
  "lint_ocsp_response",
  "pip install pkilint, with its commands on the PATH",
);

/** What pkilint's `lint_ocsp_response` has against an answer, a line each; empty when it is clean. */
export function lintOcspResponse(der: Uint8Array): Promise<string[]> {
  return lint("lint_ocsp_response", ["lint"], der);
}

/** The same of `lint_crl` for a CRL, by RFC 5280 or by the CA/Browser Forum's Baseline Requirements. */
export function lintCRL(der: Uint8Array, profile: "PKIX" | "BR" = "PKIX"): Promise<string[]> {
  return lint("lint_crl", ["lint", "-t", "CRL", "-p", profile], der);
}

async function lint(program: string, args: readonly string[], der: Uint8Array): Promise<string[]> {
  const folder = tempFolder();
  const file = join(folder, "object.der");
  writeFileSync(file, der);
  const how = ["-s", "INFO", "-f", "JSON", "--document-format", "DER", file];
  const ended = await run(program, [...args, ...how]);
  removeFolder(folder);
  return findingsOf(program, ended);
}

interface Report {
  readonly results: readonly {
    readonly node_path: string;
    readonly finding_descriptions: readonly {
      readonly severity: string;
      readonly code: string;
      readonly message?: string;
    }[];
  }[];
}

function findingsOf(program: string, { code, stdout, stderr }: Ended): string[] {
  if (stdout.trim() === "") throw new Error(`${program}: exit ${code}\n${stderr}`);
  const { results } = JSON.parse(stdout) as Report;
  return results.flatMap(({ node_path, finding_descriptions }) =>
    finding_descriptions.map(
      ({ severity, code: finding, message }) =>
        `${severity} ${finding} at ${node_path}: ${message ?? ""}`,
    ),
  );
}
