import { withAuthority } from "../../src/cli/admin-client.ts";
import type { LoadSite } from "../site/load-site.ts";
import { percentile } from "../site/spread.ts";
import type { RevokeVisible } from "./growth-row.ts";
import type { LoadPlan } from "./request-load.ts";
import { revokeUnderLoad } from "./revoking.ts";

const REVOCATIONS = 200;
const LOAD_DELAY_MS = 10;
/** Long enough for all revocations at ten a second. */
const LOAD_SECONDS = 20;
const PAUSE_MS = 20;

/**
 * Revokes 200 certificates while 32 connections ask, each a hundred times a second at most: about 3,000
 * requests a second in all. `turn` says which of the records: none is revoked twice.
 */
export async function measureRevokeVisible(
  site: LoadSite,
  plan: LoadPlan,
  { records, turn }: { records: number; turn: number },
): Promise<RevokeVisible> {
  const load = { ...plan, seconds: LOAD_SECONDS, delayMs: LOAD_DELAY_MS };
  const socket = { admin: site.places.admin, file: site.places.config };
  const { revocations } = await withAuthority(socket, (authority) =>
    revokeUnderLoad({
      ...{ site, authority, load, records, turn },
      ...{ most: REVOCATIONS, pauseMs: PAUSE_MS },
    }),
  );
  return { p50Ms: percentile(revocations, 0.5), p99Ms: percentile(revocations, 0.99) };
}
