import { statSync } from "node:fs";
import type { Config, Problem } from "../config/config.ts";
import { restartOnlyChange } from "../config/reload.ts";
import { isHeld } from "../store/lock.ts";

/**
 * What keeps a reload from reaching an authority that runs: there is nothing where the file has `admin` now, and
 * yet somebody writes the file's store. Nothing where that is not so, or cannot be seen by this user.
 */
export async function movedSocket(config: Config): Promise<Problem | undefined> {
  if (codeOf(() => statSync(config.admin)) !== "ENOENT") return undefined;
  const isRunning = await isHeld(config.data).catch(() => false);
  return isRunning ? restartOnlyChange(config.file, "admin") : undefined;
}

function codeOf(look: () => unknown): string | undefined {
  try {
    look();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
