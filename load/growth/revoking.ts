import { withAuthority } from "../../src/cli/admin-client.ts";
import type { LoadSite } from "../site/load-site.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import { timeRevocations } from "../site/revoke-visible.ts";
import { percentile } from "../site/spread.ts";
import type { RevokeVisible } from "./growth-row.ts";
import { type LoadPlan, runLoad } from "./request-load.ts";

const REVOCATIONS = 200;
const LOAD_DELAY_MS = 10;
const LOAD_BEGINS_MS = 1_500;
/** Long enough for all revocations at ten a second; they begin when the load has. */
const LOAD_SECONDS = 20;
const PAUSE_MS = 20;

/**
 * Revokes 200 certificates while 32 connections ask, each a hundred times a second at most: about 3,000
 * requests a second in all. `turn` says which of the records: none is revoked twice.
 */
export async function revokeUnderLoad(
  site: LoadSite,
  plan: LoadPlan,
  { records, turn }: { records: number; turn: number },
): Promise<RevokeVisible> {
  const load = runLoad({ ...plan, seconds: LOAD_SECONDS, delayMs: LOAD_DELAY_MS });
  await new Promise((resolve) => setTimeout(resolve, LOAD_BEGINS_MS));
  const serialNumbers = Array.from({ length: REVOCATIONS }, (_, i) =>
    serialNumberAt(scattered(turn * REVOCATIONS + i, records), records),
  );
  const socket = { admin: site.places.admin, file: site.places.config };
  const times = await withAuthority(socket, (authority) =>
    timeRevocations({ site, authority, serialNumbers, pauseMs: PAUSE_MS }),
  );
  await load;
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}
