import { chmodSync, chownSync, existsSync, readFileSync } from "node:fs";
import { dataFile, lockFile } from "../config/data-files.ts";

/** Groups that let other users' processes in; where one does not exist the process's own serves. */
export type GroupName = "vouch-store" | "vouch-admin";

/** Modes of the store: its group reads it, and writes nothing but LMDB's table of readers. */
export const STORE_MODES = { folder: 0o2750, data: 0o640, lock: 0o660 } as const;

/** The number of a group of this machine, or nothing. */
export function groupNumber(name: GroupName): number | undefined {
  const groups = existsSync("/etc/group") ? readFileSync("/etc/group", "utf8") : "";
  const line = groups.split("\n").find((entry) => entry.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(":")[2]);
}

/** Gives a path its mode and, where that group exists, its group. */
export function setModeAndGroup(path: string, mode: number, group: GroupName): void {
  const gid = groupNumber(group);
  if (gid !== undefined) chownSync(path, -1, gid);
  // After chown, which clears the set-group-ID bit.
  chmodSync(path, mode);
}

/**
 * Sets the modes of the store, whatever the umask: with a lock file that it may not write, LMDB would let
 * a reader in unregistered, and the writer would recycle the pages under it.
 */
export function setStoreModes(folder: string): void {
  setModeAndGroup(folder, STORE_MODES.folder, "vouch-store");
  setModeAndGroup(dataFile(folder), STORE_MODES.data, "vouch-store");
  if (existsSync(lockFile(folder))) {
    setModeAndGroup(lockFile(folder), STORE_MODES.lock, "vouch-store");
  }
}
