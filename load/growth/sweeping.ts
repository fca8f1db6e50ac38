import { setTimeout as sleep } from "node:timers/promises";
import type { Daemon } from "../../test/support/daemon.ts";
import { request } from "../../test/support/http-client.ts";
import { authorityUnder } from "../../test/support/processes.ts";
import { parsePrometheus, total } from "../../test/support/prometheus-text.ts";
import type { LoadSite } from "../site/load-site.ts";
import { cpuSeconds } from "../site/process-cost.ts";
import type { Sweeping } from "./growth-row.ts";
import { pinResponder } from "./pin.ts";
import { loadPlan } from "./request-load.ts";
import { measureRevokeVisible } from "./visibility.ts";

/**
 * With this validity a pass pauses for 7.5 s in all, and what was signed more than 51 s ago is due: so a
 * restart with it makes the sweep sign everything anew. Longer than between the two starts below, since a
 * responder with an answer past its nextUpdate does not get ready.
 */
const ALL_DUE = { ocsp: { validity: "120s", backdate: "1s" }, crl: false } as const;
const DUE_AFTER_MS = 53_000;
const LOOK_MS = 100;
const NO_PROGRESS_MS = 120_000;
const ANSWERS_PER_RECORD = 2;

/** Measures the sweep at full pace; all records must have been signed `DUE_AFTER_MS` ago. */
export async function measureSweep(site: LoadSite, records: number): Promise<Sweeping> {
  site.configure(ALL_DUE);
  await sleep(DUE_AFTER_MS);
  const busy = await site.start();
  pinResponder(busy);
  const revokeVisibleInSweep = await measureRevokeVisible(site, loadPlan(site, records, 0), {
    records,
    turn: 1,
  });
  await busy.stop();
  await sleep(DUE_AFTER_MS);
  const daemon = await site.start();
  const sweepCpuSeconds = await fullPass(daemon, records);
  await daemon.stop();
  return { revokeVisibleInSweep, sweepCpuSeconds };
}

/** The authority's processor time between an early answer and the last of a pass, for the whole pass. */
async function fullPass(daemon: Daemon, records: number): Promise<number> {
  const authority = authorityUnder(daemon.pid);
  if (authority === undefined) throw new Error("there is no authority");
  const wanted = records * ANSWERS_PER_RECORD;
  const first = await untilSigned(daemon, authority, 1);
  const last = await untilSigned(daemon, authority, wanted);
  return ((last.cpu - first.cpu) / (last.signed - first.signed)) * wanted;
}

async function untilSigned(
  daemon: Daemon,
  authority: number,
  wanted: number,
): Promise<{ cpu: number; signed: number }> {
  let progress = { signed: -1, at: performance.now() };
  for (;;) {
    const cpu = cpuSeconds([authority]);
    const { body } = await request(`${daemon.opsUrl}/metrics`);
    const signed = total(parsePrometheus(body.toString("utf8")), "vouch_ocsp_answers_signed_total");
    if (signed >= wanted) return { cpu, signed };
    if (signed > progress.signed) progress = { signed, at: performance.now() };
    if (performance.now() - progress.at > NO_PROGRESS_MS) {
      throw new Error(`the sweep stands still after ${signed} of ${wanted} answers`);
    }
    await sleep(LOOK_MS);
  }
}
