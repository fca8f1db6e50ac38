import { setTimeout as sleep } from "node:timers/promises";
import type { IssueRequest, PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { type AdminClient, withAuthority } from "../../src/cli/admin-client.ts";
import { ISSUER, type LoadSite } from "../site/load-site.ts";
import { timeRevocations } from "../site/revoke-visible.ts";
import { percentile } from "../site/spread.ts";
import type { Threshold } from "./k6-summary.ts";

/** What the runner does while k6 asks. */
export interface Beside {
  readonly site: LoadSite;
  /** Certificates that are good, for whoever revokes them; taken from, never given back. */
  readonly good: Iterator<Uint8Array>;
  /** Aborted when k6 has ended. */
  readonly ended: AbortSignal;
}

/** What was seen beside k6: thresholds, and lines for the report. */
export interface BesideReport {
  readonly thresholds: readonly Threshold[];
  readonly lines: readonly string[];
}

const VISIBLE_P99_MS = 50;
const REVOKE_PAUSE_MS = 20;
const PUBLISH_EVERY_MS = 4_000;

/** Nothing. */
export async function onlyWatch(): Promise<BesideReport> {
  return { thresholds: [], lines: [] };
}

/** Revokes one certificate after the other, and measures when OCSP says so. */
export async function revokeAll({ site, good, ended }: Beside): Promise<BesideReport> {
  const times = await asAuthority(site, (authority) =>
    timeRevocations({
      site,
      authority,
      serialNumbers: good as IterableIterator<Uint8Array>,
      pauseMs: REVOKE_PAUSE_MS,
      enough: () => ended.aborted,
    }),
  );
  if (times.length === 0) throw new Error("nothing was revoked while k6 ran");
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const what = `revoke to the first revoked answer: p(99)<${VISIBLE_P99_MS}`;
  const measured = `${p99.toFixed(1)} ms`;
  return {
    thresholds: [{ what, ok: p99 < VISIBLE_P99_MS, measured }],
    lines: [
      `${times.length} certificates were revoked; from each request to the first answer \`revoked\`: p50 ${p50.toFixed(1)} ms, p99 ${measured}, most ${Math.max(...times).toFixed(1)} ms.`,
    ],
  };
}

/** Publishes a new CRL every few seconds. */
export async function publishAgain({ site, ended }: Beside): Promise<BesideReport> {
  const published = await asAuthority(site, async (authority) => {
    const crls: PublishedCRL[] = [];
    while (await passed(PUBLISH_EVERY_MS, ended)) {
      crls.push(await publishFull(authority));
    }
    return crls;
  });
  const [first] = published;
  if (!first) throw new Error("k6 ended before a CRL was published");
  return {
    thresholds: [],
    lines: [
      `${published.length} CRLs of ${first.entries} entries, ${first.bytes} octets, were published.`,
    ],
  };
}

async function publishFull(authority: AdminClient): Promise<PublishedCRL> {
  const order: IssueRequest = { by: "load", kinds: "all", force: null, ends: "inTime" };
  const [crl] = await authority.post<PublishedCRL[]>(`/crls/${ISSUER}`, order);
  if (!crl || crl.refused !== null) throw new Error(`no CRL was published: ${crl?.refused}`);
  return crl;
}

function asAuthority<T>(site: LoadSite, use: (authority: AdminClient) => Promise<T>): Promise<T> {
  return withAuthority({ admin: site.places.admin, file: site.places.config }, use);
}

/** Whether the time passed before the end came. */
function passed(milliseconds: number, ended: AbortSignal): Promise<boolean> {
  return sleep(milliseconds, true, { signal: ended }).catch(() => false);
}
