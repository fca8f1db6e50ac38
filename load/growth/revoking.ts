import { setTimeout as sleep } from "node:timers/promises";
import type { AdminClient } from "../../src/cli/admin-client.ts";
import type { LoadSite } from "../site/load-site.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import { timeRevocations } from "../site/revoke-visible.ts";
import { type LoadPlan, type LoadResult, runLoad } from "./request-load.ts";

const LOAD_BEGINS_MS = 1_500;

/** What is asked, and which certificates are revoked meanwhile. */
interface RevokingUnderLoad {
  readonly site: LoadSite;
  readonly authority: AdminClient;
  readonly load: LoadPlan;
  /** How many there are in the store. */
  readonly records: number;
  /** Whose turn it is to revoke: certificates of one turn are not those of another, of as many each. */
  readonly turn: number;
  readonly most: number;
  /** Milliseconds between the end of one revocation and the next. */
  readonly pauseMs: number;
}

/** What the load saw; and milliseconds of each revocation until the first answer that says so. */
interface RevokedUnderLoad {
  readonly load: LoadResult;
  readonly revocations: readonly number[];
}

/** Runs the load, and once it has begun revokes one certificate after the other, until it is over at the latest. */
export async function revokeUnderLoad(plan: RevokingUnderLoad): Promise<RevokedUnderLoad> {
  const { site, authority, records, turn, most, pauseMs } = plan;
  let isOver = false;
  const loading = runLoad(plan.load).finally(() => {
    isOver = true;
  });
  const serialNumbers = Array.from({ length: most }, (_, i) =>
    serialNumberAt(scattered(turn * most + i, records), records),
  );
  const revoking = sleep(LOAD_BEGINS_MS).then(() =>
    timeRevocations({ site, authority, serialNumbers, pauseMs, enough: () => isOver }),
  );
  const [load, revocations] = await Promise.all([loading, revoking]);
  return { load, revocations };
}
