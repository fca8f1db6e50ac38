import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Daemon } from "../../test/support/daemon.ts";
import { respondersUnder } from "../../test/support/processes.ts";
import { programPath } from "../../test/support/program-path.ts";
import { processTree } from "../site/process-cost.ts";

const SERVER_CORE = 0;
/** Of what asks. */
export const CLIENT_CORE = 1;

const canPin = availableParallelism() > 1 && programPath("taskset") !== undefined;

/** Moves a process and all its threads to one core, where there is more than one. */
function pin(pid: number, core: number): void {
  if (!canPin) return;
  const { status, stderr } = spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
  if (status !== 0) throw new Error(`taskset: ${stderr.toString("utf8")}`);
}

/** The command line that runs this one on one core. */
export function onCore(core: number, command: readonly string[]): string[] {
  return canPin ? ["taskset", "-c", String(core), ...command] : [...command];
}

/** The command line that runs this one at real-time priority, where this user may. */
export function beforeAllElse(command: readonly string[]): string[] {
  const realTime = ["--fifo", "1"];
  const mayBe = spawnSync("chrt", [...realTime, "true"]).status === 0;
  return mayBe ? ["chrt", ...realTime, ...command] : [...command];
}

/** Gives the responder a core, and the rest of the daemon the same, or the other; all its processes. */
export function pinDaemon(daemon: Daemon, rest: "beside" | "apart"): number[] {
  const pids = processTree(daemon.pid);
  for (const pid of pids) pin(pid, rest === "beside" ? SERVER_CORE : CLIENT_CORE);
  pinResponder(daemon);
  return pids;
}

/** Gives the one responder a core of its own; its process id. */
export function pinResponder(daemon: Daemon): number {
  const [responder] = respondersUnder(daemon.pid);
  if (responder === undefined) throw new Error("there is no responder");
  pin(responder, SERVER_CORE);
  return responder;
}
