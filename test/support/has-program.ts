import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { it } from "vitest";

/** Whether a program of this name can be run from the PATH. */
export function hasProgram(name: string): boolean {
  const { PATH = "" } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Defines one test; the time limit is in milliseconds. */
type DefineTest = (name: string, body: () => Promise<void> | void, timeout?: number) => void;

/** `it` for tests that need a program: without it they are skipped, and their names say how to get it. */
export function needs(program: string, howToInstall: string): DefineTest {
  const missing = !hasProgram(program);
  const note = missing ? ` [needs ${program}: ${howToInstall}]` : "";
  return (name, body, timeout) => it.skipIf(missing)(`${name}${note}`, body, timeout);
}
