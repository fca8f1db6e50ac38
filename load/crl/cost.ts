import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { rssAnon } from "../../test/support/processes.ts";
import { cpuSeconds } from "../site/process-cost.ts";
import { spread } from "../site/spread.ts";

/** What something took of one process, with all its threads. Memory is private (RssAnon, proc(5)), in MB. */
export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly before: number;
  readonly most: number;
}

const SAMPLE_MS = 5;
const MB = 1_000_000;
const TICKS_PER_SECOND = 100;
/** Threads at this nice value and above sign in bulk. */
const BULK_NICE = 10;

/** Measures a process while `work` lasts. */
export async function costOf(pid: number, work: () => Promise<unknown>): Promise<Cost> {
  const before = rssAnon(pid);
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, rssAnon(pid));
  }, SAMPLE_MS);
  const [began, cpu] = [performance.now(), cpuSeconds([pid])];
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  const seconds = (performance.now() - began) / 1000;
  return {
    seconds,
    cpuSeconds: cpuSeconds([pid]) - cpu,
    before: before / MB,
    most: Math.max(most, rssAnon(pid)) / MB,
  };
}

/** The same without what threads that sign in bulk took meanwhile: they fill what time is left. */
export async function costBesideSigning(pid: number, work: () => Promise<unknown>): Promise<Cost> {
  const signed = bulkSeconds(pid);
  const cost = await costOf(pid, work);
  return { ...cost, cpuSeconds: cost.cpuSeconds - (bulkSeconds(pid) - signed) };
}

/** utime and stime of the threads that are nice; of those that live. */
function bulkSeconds(pid: number): number {
  let ticks = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const fields = statOf(`/proc/${pid}/task/${thread}/stat`);
    if (Number(fields[16]) >= BULK_NICE) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

function statOf(path: string): string[] {
  try {
    const stat = readFileSync(path, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** Of several rounds the median of each figure. */
export function medianCost(costs: readonly Cost[]): Cost {
  const median = (figure: keyof Cost): number => spread(costs.map((cost) => cost[figure])).median;
  return {
    seconds: median("seconds"),
    cpuSeconds: median("cpuSeconds"),
    before: median("before"),
    most: median("most"),
  };
}

/** Measures a program; nothing where it does not end well within a limit. */
export async function costOfProgram(
  command: readonly [string, ...string[]],
  folder: string,
  limitSeconds: number,
): Promise<Cost | undefined> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: "ignore",
    timeout: limitSeconds * 1000,
  });
  const ended = once(child, "exit");
  const began = performance.now();
  let [cpu, most] = [0, 0];
  while (child.exitCode === null && child.signalCode === null) {
    const now = costSoFar(child.pid);
    cpu = Math.max(cpu, now.cpu);
    most = Math.max(most, now.memory);
    await Promise.race([ended, sleep(SAMPLE_MS)]);
  }
  const [code] = await ended;
  if (code !== 0) return undefined;
  const seconds = (performance.now() - began) / 1000;
  return { seconds, cpuSeconds: cpu, before: 0, most: most / MB };
}

function costSoFar(pid: number | undefined): { cpu: number; memory: number } {
  try {
    return pid === undefined ? NONE : { cpu: cpuSeconds([pid]), memory: rssAnon(pid) || 0 };
  } catch {
    return NONE;
  }
}

const NONE = { cpu: 0, memory: 0 };
