import { it } from "vitest";
import { programPath } from "./program-path.ts";

/** Whether a program of this name can be run. */
export function hasProgram(name: string): boolean {
  return programPath(name) !== undefined;
}

/** Defines one test; the time limit is in milliseconds. */
type DefineTest = (name: string, body: () => Promise<void> | void, timeout?: number) => void;

/** `it` for tests that need a program: without it they are skipped, and their names say how to get it. */
export function needs(program: string, howToInstall: string): DefineTest {
  const missing = !hasProgram(program);
  const note = missing ? ` [needs ${program}: ${howToInstall}]` : "";
  return (name, body, timeout) => it.skipIf(missing)(`${name}${note}`, body, timeout);
}
