import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What is measured on, and what else it does just now, in one line. */
export function machine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[0]?.toFixed(1);
  return `${cores.length} cores (${model}), ${memory} GB, ${platform()} ${release()} ${arch()}, Node.js ${process.versions.node}, load average ${load} before`;
}

/** Now, to the minute, UTC. */
export function dateAndTime(): string {
  return `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
