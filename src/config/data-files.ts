import { statSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../observe/start-error.ts";

/** The store's data file, under the configuration's `data`. */
export function dataFile(folder: string): string {
  return join(folder, "data.mdb");
}

/** The store's lock file, which readers write their table entry to. */
export function lockFile(folder: string): string {
  return join(folder, "lock.mdb");
}

/** The folder of published CRLs. */
export function crlFolder(folder: string): string {
  return join(folder, "crl");
}

/** The folder of what others bring: a folder for each issuer, and one for what is being worked on. */
export function incomingFolder(folder: string): string {
  return join(folder, "incoming");
}

/** Where files lie while they are worked on, on the file system of what is published. */
export function workFolder(folder: string): string {
  return join(incomingFolder(folder), ".work");
}

/** Whether `folder` holds a store; a `StartError` where this user may not look into it. */
export function storeExists(folder: string): boolean {
  try {
    statSync(dataFile(folder));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") return false;
    throw new StartError(
      "configuration",
      `this user may not look into ${folder}, where the store is`,
      "run it as the user that runs vouch, or join the group vouch-store",
    );
  }
}

/** The error of a store that is not there; it is never made by accident. */
export function missingStore(folder: string): StartError {
  return new StartError(
    "storeMissing",
    `there is no store in ${folder}`,
    "put it back where there was one; else make one with: vouch init --config FILE (or vouch init DIR for a new folder)",
  );
}
