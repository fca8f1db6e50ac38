import { join } from "node:path";
import type { Daemon } from "../../test/support/daemon.ts";
import { respondersUnder } from "../../test/support/processes.ts";
import { askEvery } from "../every-record.ts";
import { Asker, responseStatus } from "../site/asker.ts";
import type { LoadSite } from "../site/load-site.ts";
import { hashInTurn } from "../site/ocsp-requests.ts";
import { cpuSeconds, processTree, rssAnon } from "../site/process-cost.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import { type Spread, spread } from "../site/spread.ts";
import type { Answering, Thoroughness } from "./growth-row.ts";
import { pin } from "./pin.ts";
import { type LoadPlan, type LoadResult, runLoad, writeRequests } from "./request-load.ts";
import { revokeUnderLoad } from "./revoking.ts";

const STARTS = 3;
const CONNECTIONS = 32;
const WARM_UP_SECONDS = 3;
const MOST_REQUESTS = 100_000;
const RESPONDER_CORE = 0;

/** Starts the daemon on a full store, and measures how it answers. */
export async function measureAnswering(
  site: LoadSite,
  records: number,
  { seconds, rounds }: Thoroughness,
): Promise<Answering> {
  const { daemon, firstAnswerMs } = await startSeveralTimes(site, records);
  const responder = pinResponder(daemon);
  const plan = loadPlan(site, records, seconds);
  await runLoad({ ...plan, seconds: WARM_UP_SECONDS });
  const results: (LoadResult & { cpu: number })[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measureRound(daemon, plan));
  const revokeVisible = await revokeUnderLoad(site, plan, { records, turn: 0 });
  await serveEvery(site, records);
  const memory = rssAnon(responder);
  await daemon.stop();
  return {
    firstAnswerMs,
    requestsPerCpuSecond: spread(results.map(({ requests, cpu }) => requests / cpu)),
    p99Ms: spread(results.map(({ p99Ms }) => p99Ms)),
    revokeVisible,
    rssAnon: memory,
  };
}

/** The one responder, on a core of its own. */
export function pinResponder(daemon: Daemon): number {
  const [responder] = respondersUnder(daemon.pid);
  if (responder === undefined) throw new Error("there is no responder");
  pin(responder, RESPONDER_CORE);
  return responder;
}

/** Asks for as many different records as there are, up to a hundred thousand. */
export function loadPlan(site: LoadSite, records: number, seconds: number): LoadPlan {
  const requestsFile = join(site.places.folder, "requests");
  const requests = Array.from({ length: Math.min(records, MOST_REQUESTS) }, (_, i) =>
    site.request(serialNumberAt(scattered(i, records), records), hashInTurn(i)),
  );
  writeRequests(requestsFile, requests);
  return { url: site.url, requestsFile, seconds, connections: CONNECTIONS, delayMs: 0 };
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

async function measureRound(daemon: Daemon, plan: LoadPlan): Promise<LoadResult & { cpu: number }> {
  const processes = processTree(daemon.pid);
  const before = cpuSeconds(processes);
  const result = await runLoad(plan);
  return { ...result, cpu: cpuSeconds(processes) - before };
}

async function serveEvery(site: LoadSite, records: number): Promise<void> {
  const { byStatus } = await askEvery(site.url, site.request, everySerialNumber(records));
  if (byStatus.get(0) === records) return;
  throw new Error(`of ${records} records, by responseStatus: ${JSON.stringify([...byStatus])}`);
}

function* everySerialNumber(records: number): Generator<Buffer> {
  for (let i = 0; i < records; i++) yield serialNumberAt(i, records);
}
