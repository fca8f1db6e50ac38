import type { Daemon } from "../../test/support/daemon.ts";
import { LoadSite } from "../site/load-site.ts";
import { cpuSeconds, processTree } from "../site/process-cost.ts";
import { spread } from "../site/spread.ts";
import type { Rates, Thoroughness } from "./growth-row.ts";
import { pinResponder } from "./pin.ts";
import { type LoadPlan, type LoadResult, loadPlan, runLoad } from "./request-load.ts";

/** How many records the store has that every other is held against. */
export const REFERENCE_RECORDS = 10_000;

const WARM_UP_SECONDS = 3;

/** A daemon, and what is asked of it. */
interface Asked {
  readonly daemon: Daemon;
  readonly plan: LoadPlan;
}

/**
 * Asks this daemon and one with `REFERENCE_RECORDS` in turn: what else the machine does weighs on both, so
 * their ratio is worth more than either figure.
 */
export async function measureRates(
  asked: Asked,
  { seconds, rounds }: Thoroughness,
): Promise<Rates> {
  const reference = await LoadSite.make({ crl: false });
  try {
    const beside = await startReference(reference, seconds);
    for (const { plan } of [beside, asked]) await runLoad({ ...plan, seconds: WARM_UP_SECONDS });
    const results: (LoadResult & { rate: number; ratio: number })[] = [];
    for (let round = 0; round < rounds; round++) {
      const { rate: referenceRate } = await measureRound(beside);
      const result = await measureRound(asked);
      results.push({ ...result, ratio: result.rate / referenceRate });
    }
    await beside.daemon.stop();
    return {
      requestsPerCpuSecond: spread(results.map(({ rate }) => rate)),
      rateAgainstReference: spread(results.map(({ ratio }) => ratio)),
      p99Ms: spread(results.map(({ p99Ms }) => p99Ms)),
    };
  } finally {
    await reference.remove();
  }
}

async function startReference(site: LoadSite, seconds: number): Promise<Asked> {
  const daemon = await site.start();
  await site.import(site.writeIndexFiles(REFERENCE_RECORDS));
  pinResponder(daemon);
  return { daemon, plan: loadPlan(site, REFERENCE_RECORDS, seconds) };
}

async function measureRound({ daemon, plan }: Asked): Promise<LoadResult & { rate: number }> {
  const processes = processTree(daemon.pid);
  const before = cpuSeconds(processes);
  const result = await runLoad(plan);
  return { ...result, rate: result.requests / (cpuSeconds(processes) - before) };
}
