import { readdirSync, readFileSync } from "node:fs";

/** What one process has used so far. */
export interface ProcessUse {
  readonly pid: number;
  readonly arguments: readonly string[];
  /** User and system time of all its threads, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory in MB; pages shared with others count in each. */
  readonly rssMB: number;
  /** Private resident memory in MB. */
  readonly rssAnonMB: number;
}

/** Linux gives process times in hundredths of a second, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;

// Fields of /proc/PID/stat after the command's name, which may itself have blanks.
const PARENT = 1;
const UTIME = 11;
const STIME = 12;

/** A process and all below it, from what /proc says now; those that end meanwhile are left out. */
export function processTree(root: number): ProcessUse[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = Number(statFields(Number(pid))?.[PARENT]);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const withBelow = (pid: number): number[] => [
    pid,
    ...(children.get(pid) ?? []).flatMap(withBelow),
  ];
  return withBelow(root).flatMap((pid) => processUse(pid) ?? []);
}

function processUse(pid: number): ProcessUse | undefined {
  const fields = statFields(pid);
  const status = readProc(pid, "status");
  const commandLine = readProc(pid, "cmdline");
  if (!fields || status === undefined || commandLine === undefined) return undefined;
  return {
    pid,
    arguments: commandLine.split("\0").slice(0, -1),
    cpuSeconds: (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND,
    rssMB: megabytes(status, "VmRSS"),
    rssAnonMB: megabytes(status, "RssAnon"),
  };
}

function statFields(pid: number): string[] | undefined {
  const stat = readProc(pid, "stat");
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

function megabytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
}
