import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What something took. */
export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most private memory above that before, in MB; nothing where it was not looked at. */
  readonly peakMegabytes: number | undefined;
  readonly bytes: number;
}

const SAMPLE_MS = 10;

/** Measures work of this process with all its threads; `work` returns how many octets it made. */
export async function costOf(work: () => Promise<number>): Promise<Cost> {
  const before = privateMegabytes();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, privateMegabytes());
  }, SAMPLE_MS);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const bytes = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampling);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: peak - before, bytes };
}

/** Memory that is this process's alone (RssAnon, proc(5)): not the store's pages, which are mapped. */
function privateMegabytes(): number {
  const status = readFileSync("/proc/self/status", "latin1");
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000;
}

/** Measures a shell command by bash's own `time`; nothing where it does not end within a limit. */
export function costOfCommand(command: string, folder: string, seconds: number): Cost | undefined {
  const script = `TIMEFORMAT='%R %U %S'; time ${command} >/dev/null 2>&1`;
  const ended = spawnSync("bash", ["-c", script], { cwd: folder, timeout: seconds * 1000 });
  const [real, user, system] = ended.stderr.toString().trim().split(" ").map(Number);
  if (ended.status !== 0 || real === undefined) return undefined;
  const cpuSeconds = (user ?? 0) + (system ?? 0);
  return { seconds: real, cpuSeconds, peakMegabytes: undefined, bytes: 0 };
}
