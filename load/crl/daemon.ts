import { setTimeout as sleep } from "node:timers/promises";
import { type AdminClient, withAuthority } from "../../src/cli/admin-client.ts";
import { authorityUnder } from "../../test/support/processes.ts";
import { pinDaemon } from "../growth/pin.ts";
import type { LoadSite } from "../site/load-site.ts";

/** Certificates with answers, some of which are revoked. */
export const RECORDS = 10_000;
/** After a start: what is done then is done. */
const SETTLED_MS = 1_500;

/** A daemon on one core whose CRLs are built, and its authority. */
export interface Building {
  readonly site: LoadSite;
  readonly authority: AdminClient;
  readonly pid: number;
}

/** Lends a daemon that has just begun, and stops it. */
export async function withBuilding<T>(
  site: LoadSite,
  use: (building: Building) => Promise<T>,
): Promise<T> {
  const daemon = await site.start();
  pinDaemon(daemon, "beside");
  const pid = authorityUnder(daemon.pid);
  if (pid === undefined) throw new Error("there is no authority");
  await sleep(SETTLED_MS);
  const { admin, config: file } = site.places;
  const done = await withAuthority({ admin, file }, (authority) => use({ site, authority, pid }));
  await daemon.stop();
  return done;
}
