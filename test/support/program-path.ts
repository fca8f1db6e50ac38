import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program of this name, or nothing. */
export function programPath(name: string): string | undefined {
  // Debian keeps servers where an ordinary user's PATH does not look.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
