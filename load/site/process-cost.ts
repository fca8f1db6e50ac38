import { readFileSync } from "node:fs";
import { descendants } from "../../test/support/processes.ts";

/** USER_HZ, which is 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** A process and all below it. */
export function processTree(pid: number): number[] {
  return [pid, ...descendants(pid)];
}

/** Seconds of processor time that these processes have used so far, with all their threads. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(pid), 0) / TICKS_PER_SECOND;
}

/** utime and stime; the name before them may hold spaces and parentheses. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
