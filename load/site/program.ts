import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program of this name on the PATH, or nothing. */
export function programPath(name: string): string | undefined {
  const { PATH = "" } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
