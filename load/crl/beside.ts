import { loadPlan } from "../growth/request-load.ts";
import { revokeUnderLoad } from "../growth/revoking.ts";
import { percentile, type Spread, spread } from "../site/spread.ts";
import { type Building, RECORDS } from "./daemon.ts";
import type { CRLBenchOptions } from "./options.ts";

/** What OCSP and revocations took; milliseconds. */
interface Look {
  /** Of answers that were signed ahead. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the request to revoke to the first `revoked` answer. */
  readonly revocations: readonly number[];
  /** Full CRLs that were issued meanwhile. */
  readonly built: number;
}

/** OCSP and revocations by themselves, and while full CRLs are built one after the other. */
export interface Beside {
  readonly alone: Looks;
  readonly building: Looks;
}

/** Of all rounds. */
export interface Looks {
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly revocations: readonly number[];
  readonly built: number;
}

const CONNECTIONS = 16;
/** About 800 requests a second. */
const DELAY_MS = 20;
const PAUSE_MS = 50;
/** Of revocations in one look; the next look goes on after them. */
const MOST_REVOCATIONS = 400;

/** Looks with and without building in turn; `build` issues a full CRL. */
export async function lookBeside(
  building: Building,
  { rounds, seconds }: CRLBenchOptions,
  build: () => Promise<unknown>,
  say: (what: string) => void,
): Promise<Beside> {
  const alone: Look[] = [];
  const beside: Look[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`OCSP and revocations with and without building, round ${round + 1} of ${rounds}`);
    alone.push(await look(building, { seconds, turn: 2 * round, build: undefined }));
    beside.push(await look(building, { seconds, turn: 2 * round + 1, build }));
  }
  return { alone: looksOf(alone), building: looksOf(beside) };
}

function looksOf(looks: readonly Look[]): Looks {
  return {
    p50Ms: spread(looks.map(({ p50Ms }) => p50Ms)),
    p99Ms: spread(looks.map(({ p99Ms }) => p99Ms)),
    revocations: looks.flatMap(({ revocations }) => revocations),
    built: looks.reduce((sum, { built }) => sum + built, 0),
  };
}

async function look(
  { site, authority }: Building,
  plan: {
    readonly seconds: number;
    readonly turn: number;
    readonly build: (() => Promise<unknown>) | undefined;
  },
): Promise<Look> {
  const load = {
    ...loadPlan(site, RECORDS, plan.seconds),
    ...{ connections: CONNECTIONS, delayMs: DELAY_MS, turn: "first" as const },
  };
  let isOver = false;
  const revoking = revokeUnderLoad({
    ...{ site, authority, load, records: RECORDS, turn: plan.turn },
    ...{ most: MOST_REVOCATIONS, pauseMs: PAUSE_MS },
  }).finally(() => {
    isOver = true;
  });
  let built = 0;
  for (; plan.build && !isOver; built++) await plan.build();
  const { load: seen, revocations } = await revoking;
  return { p50Ms: seen.p50Ms, p99Ms: seen.p99Ms, revocations, built };
}

/** The revocation that this part (0 to 1) of all are as fast as. */
export function revocationMs({ revocations }: Looks, part: number): number {
  return percentile(revocations, part);
}
