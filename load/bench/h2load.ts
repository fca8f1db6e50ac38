import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPinned } from "./launch.ts";
import {
  CLIENT_HEADERS,
  CONNECTIONS,
  type LoadGenerator,
  type LoadResult,
  type LoadTarget,
  requireWholeAnswers,
} from "./load.ts";
import { percentile } from "./statistics.ts";

/**
 * h2load with one thread: 32 connections with one stream each at a time. By GET it goes through all
 * questions; by POST it sends one body only, for it can do no other.
 */
export const h2load: LoadGenerator = { needs: ["h2load"], run };

async function run(target: LoadTarget, seconds: number): Promise<LoadResult> {
  const log = join(target.folder, "h2load.log");
  rmSync(log, { force: true });
  const shape = ["-t", "1", "-c", String(CONNECTIONS), "-m", "1", "-D", String(seconds)];
  const asked = [...headers(CLIENT_HEADERS), ...questions(target)];
  const output = await runPinned(target.core, ["h2load", ...shape, "--log-file", log, ...asked]);
  requireSuccess(output);
  const times = responseTimes(log);
  // In "traffic: … total, … headers …, …MB (N) data".
  const octets = Number(/\((\d+)\) data/.exec(output)?.[1] ?? 0);
  requireWholeAnswers(target.answer.body, octets, times.length);
  return {
    requests: times.length,
    seconds,
    p50Ms: percentile(times, 50) / 1000,
    p99Ms: percentile(times, 99) / 1000,
  };
}

function questions({ way, port, questions: all, folder }: LoadTarget): string[] {
  const origin = `http://127.0.0.1:${port}`;
  const file = join(folder, `h2load-${port}-${way.method}`);
  if (way.method === "GET") {
    writeFileSync(file, all.map(({ path }) => `${origin}${path}\n`).join(""));
    return ["-i", file];
  }
  writeFileSync(file, all[0]?.der ?? "");
  return ["-d", file, ...headers({ "content-type": "application/ocsp-request" }), `${origin}/`];
}

function headers(named: Readonly<Record<string, string>>): string[] {
  return Object.entries(named).flatMap(([name, value]) => [
    "-H",
    `${name.toLowerCase()}: ${value}`,
  ]);
}

function requireSuccess(output: string): void {
  const [, failed, errored, timeout] =
    /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(output) ?? [];
  const [, others] = /\d+ 2xx, (\d+ 3xx, \d+ 4xx, \d+ 5xx)/.exec(output) ?? [];
  const fine =
    [failed, errored, timeout].every((count) => count === "0") && others === "0 3xx, 0 4xx, 0 5xx";
  if (!fine) throw new Error(`h2load counted errors:\n${output}`);
}

/** Microseconds of each request that was answered, in order: the log's third column. */
function responseTimes(log: string): number[] {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  return lines.map((line) => Number(line.split("\t")[2])).sort((a, b) => a - b);
}
