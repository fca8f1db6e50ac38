import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";

const folders = new Set<string>();
atExit(() => folders.forEach(removeFolder));

/** A new folder with a short path (a unix socket's path holds 107 octets), removed at the latest when this process exits. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vouch-"));
  folders.add(folder);
  return folder;
}

/** Removes a folder and all that is in it; one that is gone is fine. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  folders.delete(folder);
}
