import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { programPath } from "../site/program.ts";

const canPin = availableParallelism() > 1 && programPath("taskset") !== undefined;

/** Moves a process and all its threads to one core, where there is more than one. */
export function pin(pid: number, core: number): void {
  if (!canPin) return;
  const { status, stderr } = spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
  if (status !== 0) throw new Error(`taskset: ${stderr.toString("utf8")}`);
}

/** The command line that runs this one on one core. */
export function onCore(core: number, command: readonly string[]): string[] {
  return canPin ? ["taskset", "-c", String(core), ...command] : [...command];
}
