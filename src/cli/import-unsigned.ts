import { setTimeout as sleep } from "node:timers/promises";
import type { Stats } from "../authority/admin-types.ts";
import type { IssuerConfig } from "../config/config.ts";
import type { AdminClient } from "./admin-client.ts";
import { warn } from "./output.ts";
import { counted } from "./table.ts";

/** What a CRL makes known is signed after it was imported: of all but large ones in a second or two. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 200;

/** A status is recorded also while signing fails; whoever imports should know where OCSP is behind, and why. */
export async function warnOfUnsigned(
  authority: AdminClient,
  { name, source, crl }: IssuerConfig,
  signing: "done" | "underWay",
): Promise<void> {
  const first = await lookAt(authority, name);
  if (first.unsigned === 0) return;
  const behind = (count: number): string => `${counted(count)} certificates of ${name} have no`;
  if (source === "crl" && crl && !first.hasCRL) {
    warn(`${behind(first.unsigned)} answer: OCSP says tryLater for them until a CRL is imported`);
    return;
  }
  const last = signing === "underWay" ? await settled(authority, name) : first.unsigned;
  if (last === 0) return;
  warn(
    last < first.unsigned
      ? `${behind(last)} signed answer yet: OCSP says tryLater for each until it is signed, which goes on now`
      : `${behind(last)} signed answer: OCSP says tryLater for them until signing succeeds\n  see the authority's log, and vouch check`,
  );
}

/** How many are left once all are signed, or nobody waits any longer. */
async function settled(authority: AdminClient, name: string): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const { unsigned } = await lookAt(authority, name);
    if (unsigned === 0 || Date.now() >= end) return unsigned;
    await sleep(LOOK_EVERY_MS);
  }
}

/** The import is done; that this cannot be told as well must not make it look failed. */
async function lookAt(
  authority: AdminClient,
  name: string,
): Promise<{ unsigned: number; hasCRL: boolean }> {
  const stats = await authority.get<Stats>("/stats").catch(() => undefined);
  const found = stats?.issuers.find(({ issuer }) => issuer === name);
  return { unsigned: found?.unsigned ?? 0, hasCRL: !found || found.crl !== null };
}
