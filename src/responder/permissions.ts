import type { Config } from "../config/config.ts";
import { responderPaths } from "../config/responder-paths.ts";

/**
 * Under Node's permission model, gives up what was needed to start only, for good. Without that model
 * there is nothing to give up.
 */
export function dropPermissions(config: Config): void {
  for (const path of responderPaths(config).toStart) process.permission?.drop("fs.read", path);
}
