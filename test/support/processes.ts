import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** Every process below this one, from what /proc says now. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined)
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (of: number): number[] =>
    (children.get(of) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

/** Whether it is there, and neither stopped nor dead. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[TZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** A process's arguments; none when it is gone. */
export function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** The files a process has open, with their paths. */
export function openFiles(pid: number): { path: string; writable: boolean }[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => openFile(pid, fd));
  } catch {
    return [];
  }
}

function openFile(pid: number, fd: string): { path: string; writable: boolean }[] {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"));
    const writable = (Number.parseInt(flags?.[1] ?? "0", 8) & 3) !== 0;
    return [{ path: readlinkSync(`/proc/${pid}/fd/${fd}`), writable }];
  } catch {
    return [];
  }
}

/** The one process under `pid` that can write the store: the authority. */
export function authorityUnder(pid: number): number | undefined {
  return descendants(pid).find((child) =>
    openFiles(child).some(({ path, writable }) => writable && basename(path) === "data.mdb"),
  );
}

/** The processes under `pid` that run under Node's permission model: the responders. */
export function respondersUnder(pid: number): number[] {
  return descendants(pid).filter((child) => argumentsOf(child).includes("--permission"));
}

/** A process's private memory in octets: what no other process shares and no file backs. */
export function rssAnon(pid: number): number {
  const found = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1]) * 1024;
}
