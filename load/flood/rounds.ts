import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pinDaemon } from "../growth/pin.ts";
import { type LoadPlan, type LoadResult, loadPlan, runLoad } from "../growth/request-load.ts";
import { LoadSite } from "../site/load-site.ts";
import { hashInTurn } from "../site/ocsp-requests.ts";
import { cpuSeconds } from "../site/process-cost.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import type { FloodOptions } from "./options.ts";
import { type PacedPlan, type PacedResult, runPaced } from "./plan.ts";

/** In the order of a round: what floods, or nothing. */
export const FLOODS = ["none", "presigned", "nonce", "random"] as const;
export type Flood = (typeof FLOODS)[number];

/** One measurement. */
export interface Round {
  readonly flood: Flood;
  readonly presigned: LoadResult;
  readonly flooded: PacedResult | undefined;
  /** Of all of Vouch's processes, from before the clients began to after they ended. */
  readonly cpuSeconds: number;
}

const CONNECTIONS = 16;
/** Of each address of the flood. */
const FLOOD_CONNECTIONS = 2;
/** The flood begins first and ends last. */
const FLOOD_LONGER_SECONDS = 1;

interface Plans {
  readonly presigned: LoadPlan;
  readonly flooding: Omit<PacedPlan, "kind">;
  readonly pids: readonly number[];
}

/** Runs all rounds against a daemon of its own, after one that is not counted; `say` hears how far it is. */
export async function runRounds(
  options: FloodOptions,
  say: (what: string) => void,
): Promise<Round[]> {
  // Serial numbers that nobody issued want a signature only where they are answered with `unknown`.
  const site = await LoadSite.make({ ocsp: { unissued: "unknown" }, crl: false });
  try {
    say("starting a daemon");
    const daemon = await site.start();
    say(`importing ${options.records} records`);
    await site.import(site.writeIndexFiles(options.records));
    const plans = makePlans(site, options, pinDaemon(daemon, options.authority));
    const all: Round[] = [];
    for (let round = 0; round <= options.rounds; round++) {
      for (const flood of FLOODS) {
        const made = await runRound(flood, plans);
        say(progress(made, { round, rounds: options.rounds }));
        if (round > 0) all.push(made);
      }
    }
    await daemon.stop();
    return all;
  } finally {
    await site.remove();
  }
}

function makePlans(site: LoadSite, options: FloodOptions, pids: readonly number[]): Plans {
  const { records, rate, flood, addresses, seconds } = options;
  const requestsFile = join(site.places.folder, "requests.json");
  const requests = Array.from({ length: records }, (_, i) =>
    site.request(serialNumberAt(scattered(i, records), records), hashInTurn(i)).toString("base64"),
  );
  writeFileSync(requestsFile, JSON.stringify(requests));
  return {
    presigned: {
      ...loadPlan(site, records, seconds),
      connections: CONNECTIONS,
      delayMs: Math.round((1000 * CONNECTIONS) / rate),
      turn: "first",
    },
    flooding: {
      url: site.url,
      requestsFile,
      rate: flood,
      seconds: seconds + FLOOD_LONGER_SECONDS,
      addresses,
      connections: FLOOD_CONNECTIONS,
    },
    pids,
  };
}

async function runRound(flood: Flood, { presigned, flooding, pids }: Plans): Promise<Round> {
  const before = cpuSeconds(pids);
  const flooded = flood === "none" ? undefined : runPaced({ ...flooding, kind: flood });
  const result = await runLoad(presigned);
  return {
    flood,
    presigned: result,
    flooded: await flooded,
    cpuSeconds: cpuSeconds(pids) - before,
  };
}

function progress(made: Round, { round, rounds }: { round: number; rounds: number }): string {
  const of = round === 0 ? "warming up" : `round ${round} of ${rounds}`;
  const failed = made.presigned.failed + (made.flooded?.failed ?? 0);
  const trouble = failed > 0 ? `, ${failed} requests failed` : "";
  return `${of}, ${made.flood}: p99 ${made.presigned.p99Ms.toFixed(2)} ms${trouble}`;
}
