import { connectionEach } from "./connection-each.ts";
import { coreUse } from "./core-use.ts";
import { h2load } from "./h2load.ts";
import type { LoadGenerator, LoadTarget } from "./load.ts";
import { type ProcessUse, processTree } from "./process-tree.ts";
import type { Protocol, RunningServer } from "./server.ts";
import { wrk } from "./wrk.ts";

/** What a group of processes used for the requests of one measurement. */
export interface Use {
  /** Requests per second of user and system time. */
  readonly perCpuSecond: number;
  readonly rssMB: number;
  readonly rssAnonMB: number;
}

/** One measurement. */
export interface Measurement {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all the server's processes. */
  readonly all: Use;
  /** Of those that answer the network, where the server has others besides. */
  readonly responder: Use | undefined;
  /** How much of the server's core others took, 0 to 1: what is high spoils times and requests a second. */
  readonly coreTaken: number;
}

/** What makes the load for each protocol. */
export const GENERATORS: Readonly<Record<Protocol, LoadGenerator>> = {
  "keep-alive": wrk,
  h2c: h2load,
  "connection each": connectionEach,
};

/** Warms a server up in one way, then measures it. Rejects when a request fails. */
export async function measure(
  server: RunningServer,
  target: LoadTarget,
  on: { readonly core: number; readonly warmUp: number; readonly seconds: number },
): Promise<Measurement> {
  const generator = GENERATORS[target.way.protocol];
  await generator.run(target, on.warmUp);
  const coreBefore = coreUse(on.core);
  const before = processTree(server.pid);
  const result = await generator.run(target, on.seconds);
  const after = processTree(server.pid);
  const coreAfter = coreUse(on.core);
  requireSameProcesses(before, after);
  const { requests, p50Ms, p99Ms } = result;
  const own = total(after, "cpuSeconds") - total(before, "cpuSeconds");
  const busy = coreAfter.busySeconds - coreBefore.busySeconds;
  const isResponder = (use: ProcessUse): boolean => use.arguments.includes("responder");
  return {
    requests,
    perSecond: requests / result.seconds,
    p50Ms,
    p99Ms,
    all: useOf(requests, before, after),
    responder: after.some(isResponder)
      ? useOf(requests, before.filter(isResponder), after.filter(isResponder))
      : undefined,
    coreTaken: Math.max(0, busy - own) / (coreAfter.seconds - coreBefore.seconds),
  };
}

/** The time of a process that ended would be lost. */
function requireSameProcesses(before: readonly ProcessUse[], after: readonly ProcessUse[]): void {
  const names = (uses: readonly ProcessUse[]): string => uses.map(({ pid }) => pid).join(" ");
  if (names(before) === names(after)) return;
  throw new Error(`its processes changed under load: ${names(before)} to ${names(after)}`);
}

function useOf(requests: number, before: readonly ProcessUse[], after: readonly ProcessUse[]): Use {
  return {
    perCpuSecond: requests / (total(after, "cpuSeconds") - total(before, "cpuSeconds")),
    rssMB: total(after, "rssMB"),
    rssAnonMB: total(after, "rssAnonMB"),
  };
}

function total(uses: readonly ProcessUse[], field: "cpuSeconds" | "rssMB" | "rssAnonMB"): number {
  return uses.reduce((sum, use) => sum + use[field], 0);
}
