import { arch, cpus, platform, release, totalmem } from "node:os";

/** What was measured on, in one line. */
export function machine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cores.length} cores (${model}), ${memory} GB, ${platform()} ${release()} ${arch()}, Node.js ${process.versions.node}`;
}

/** Now, to the minute, UTC. */
export function dateAndTime(): string {
  return `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
