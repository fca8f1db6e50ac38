import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Config, Problem } from "../../src/config/config.ts";
import { type LoadResult, loadConfig } from "../../src/config/load.ts";

/** The shortest file that can be run; `more` goes on at line 6, indented by 6 for its ocsp, by 4 for its issuer. */
export function oneIssuer(more = ""): string {
  return `issuers:
  - name: gov-1
    certificate: pki/gov-1.pem
    ocsp:
      signers: [{ certificate: pki/o.pem, key: pki/o.key }]
${more}`;
}

/** Writes the text to a file of its own and loads it. */
export async function load(text: string | Uint8Array): Promise<LoadResult & { file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "vouch-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "vouch.yaml");
  await writeFile(file, text);
  return { ...(await loadConfig(file)), file };
}

/** The configuration and warnings of a text that must be right. */
export async function accepted(
  text: string,
): Promise<{ config: Config; warnings: readonly Problem[]; file: string }> {
  const result = await load(text);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems, null, 2)}`);
  return result;
}

/** The problems of a text that must be wrong, as `LINE PATH: PROBLEM`. */
export async function refused(text: string | Uint8Array): Promise<string[]> {
  const result = await load(text);
  if (result.ok) throw new Error("accepted");
  return result.problems.map((problem) => line(problem, result.file));
}

/** The warnings of a text that must be right, as `LINE PATH: PROBLEM`. */
export async function warned(text: string): Promise<string[]> {
  const { warnings, file } = await accepted(text);
  return warnings.map((warning) => line(warning, file));
}

function line({ where, problem, do: remedy }: Problem, file: string): string {
  if (!where.startsWith(file) || remedy === "") throw new Error(`${where}, do: ${remedy}`);
  return `${where.slice(file.length).replace(/^:/, "")}: ${problem}`;
}
