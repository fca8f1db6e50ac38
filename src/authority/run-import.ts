import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { ImportReport } from "./admin-import-types.ts";
import type { ErrorDocument } from "./admin-types.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/**
 * Imports files with `vouch import`, in a process of its own: what strangers wrote is parsed away from the keys and
 * from the rules, and by the same rules as an operator's import. Returns the command's document.
 */
export async function runImport(
  config: string,
  issuer: string,
  files: readonly string[],
  stopping: AbortSignal,
): Promise<ImportReport | ErrorDocument> {
  const args = [MAIN, "import", issuer, ...files, "--config", config, "--json"];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    signal: stopping,
  });
  const [document, [code, signal]] = await Promise.all([
    text(child.stdout),
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (document !== "") return JSON.parse(document) as ImportReport | ErrorDocument;
  const message = `the process that read it ended without a word (${signal ?? `exit ${code}`})`;
  return { error: { code: "badFile", message, do: "bring it in parts, or as another format" } };
}
