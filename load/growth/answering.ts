import type { Daemon } from "../../test/support/daemon.ts";
import { rssAnon } from "../../test/support/processes.ts";
import { askEvery } from "../every-record.ts";
import { Asker, responseStatus } from "../site/asker.ts";
import type { LoadSite } from "../site/load-site.ts";
import { serialNumberAt } from "../site/records.ts";
import { type Spread, spread } from "../site/spread.ts";
import type { Answering, Thoroughness } from "./growth-row.ts";
import { pinResponder } from "./pin.ts";
import { measureRates } from "./rates.ts";
import { loadPlan } from "./request-load.ts";
import { measureRevokeVisible } from "./visibility.ts";

const STARTS = 3;

/** Starts the daemon on a full store, and measures how it answers. */
export async function measureAnswering(
  site: LoadSite,
  records: number,
  thoroughness: Thoroughness,
): Promise<Answering> {
  const { daemon, firstAnswerMs } = await startSeveralTimes(site, records);
  const responder = pinResponder(daemon);
  const plan = loadPlan(site, records, thoroughness.seconds);
  const rates = await measureRates({ daemon, plan }, thoroughness);
  const revokeVisible = await measureRevokeVisible(site, plan, { records, turn: 0 });
  await serveEvery(site, records);
  const memory = rssAnon(responder);
  await daemon.stop();
  return { firstAnswerMs, ...rates, revokeVisible, rssAnon: memory };
}

async function startSeveralTimes(
  site: LoadSite,
  records: number,
): Promise<{ daemon: Daemon; firstAnswerMs: Spread }> {
  const times: number[] = [];
  for (;;) {
    const { daemon, milliseconds } = await startTimed(site, records);
    times.push(milliseconds);
    if (times.length === STARTS) return { daemon, firstAnswerMs: spread(times) };
    await daemon.stop();
  }
}

async function startTimed(
  site: LoadSite,
  records: number,
): Promise<{ daemon: Daemon; milliseconds: number }> {
  const failed = new AbortController();
  const began = performance.now();
  const answered = untilAnswered(site, records, failed.signal);
  const daemon = await site.start().catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  return { daemon, milliseconds: (await answered) - began };
}

/** When the first good answer came. */
async function untilAnswered(site: LoadSite, records: number, given: AbortSignal): Promise<number> {
  const der = site.request(serialNumberAt(records >> 1, records), "sha256");
  while (!given.aborted) {
    const asker = new Asker(site.url, 1);
    const status = await asker.ask(der).then(responseStatus, () => -1);
    const now = performance.now();
    asker.close();
    if (status === 0) return now;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Number.NaN;
}

async function serveEvery(site: LoadSite, records: number): Promise<void> {
  const { byStatus } = await askEvery(site.url, site.request, everySerialNumber(records));
  if (byStatus.get(0) === records) return;
  throw new Error(`of ${records} records, by responseStatus: ${JSON.stringify([...byStatus])}`);
}

function* everySerialNumber(records: number): Generator<Buffer> {
  for (let i = 0; i < records; i++) yield serialNumberAt(i, records);
}
