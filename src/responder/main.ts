import { setTimeout as sleep } from "node:timers/promises";
import { parseListenAddress } from "../config/address.ts";
import type { Config } from "../config/config.ts";
import { crlFolder } from "../config/data-files.ts";
import type { UnixSeconds } from "../der/time.ts";
import { hearHangUps, readyToEnd, untilStopped } from "../observe/lifetime.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import { metrics, metricsText, onScrape, processMetrics } from "../observe/metrics.ts";
import { startOps } from "../observe/ops-server.ts";
import { type Readiness, readinessOf } from "../observe/readiness.ts";
import { answerReports, reportReady } from "../observe/reports.ts";
import { StartError } from "../observe/start-error.ts";
import { clockWarnings } from "../store/clock-state.ts";
import { openStoreReader } from "../store/lmdb.ts";
import { issuerUnreadyReason } from "../store/readiness.ts";
import { requireSchema } from "../store/settings.ts";
import type { StoreReader } from "../store/store.ts";
import { StoreFiles } from "../store/store-files.ts";
import { readSummary } from "../store/summary.ts";
import { Downloads } from "./downloads.ts";
import { Handler } from "./handler.ts";
import { listenTarget } from "./listen.ts";
import { LiveBudget } from "./live-budget.ts";
import { LiveClient } from "./live-client.ts";
import { LiveSource } from "./live-source.ts";
import { OcspSource } from "./ocsp-source.ts";
import { dropPermissions } from "./permissions.ts";
import { PublicServer } from "./public-server.ts";
import { RequestTally } from "./request-tally.ts";
import { LOOK_MS, Served } from "./served.ts";
import { TlsFiles } from "./tls-files.ts";
import { TlsLane } from "./tls-lane.ts";
import { Turns } from "./turns.ts";

/** Runs one process that answers the network from the store, without any key, until it is stopped. */
export async function runResponder(
  config: Config,
  options: { ops: string | undefined },
): Promise<number> {
  const log = createLogger("responder");
  const onHangUp = hearHangUps();
  const store = openStoreReader(config.data);
  const files = new StoreFiles(config.data);
  const served = await firstView(store, crlFolder(config.data), log);
  requireUsable(store, config.data);
  const turns = new Turns();
  const client = new LiveClient(config.liveSign, log, turns);
  const presigned = new OcspSource(store, served);
  const budget = new LiveBudget();
  const live = new LiveSource({ store, served, presigned, clock, client, budget, turns });
  const downloads = countedDownloads();
  const handler = new Handler(served, { presigned, live }, new RequestTally(), clock, downloads);
  // Before anything is accepted: a stop must not cut off what was.
  const stopped = untilStopped();
  const { http, https, trustedProxies } = config.public;
  const tlsFiles = https && new TlsFiles(https, log);
  const tls = tlsFiles && new TlsLane(tlsFiles);
  const server = new PublicServer({ handler, log, trustedProxies, tls });
  await server.listen(listenTarget("http", http, process.env));
  if (https) await server.listenTls(listenTarget("https", https.listen, process.env));
  const looking = startLooking(files, [served, tls], log);
  const readiness = (): Readiness => responderReadiness(store, served, clock(), tlsFiles);
  const ops = await startOwnOps(options.ops, readiness);
  // A reload reaches responders through the store; what the signal adds is not to wait for the next look.
  onHangUp(() => tls?.refresh());
  client.start();
  dropPermissions(config);
  reportReady();
  log.info({ issuers: served.issuers.map(({ name }) => name) }, "ready");

  log.info({ why: await stopped }, "stopping");
  await server.stop();
  client.stop();
  clearInterval(looking);
  ops?.close();
  await store.close();
  readyToEnd();
  return 0;
}

function startLooking(
  files: StoreFiles,
  parts: readonly ({ refresh(): void } | undefined)[],
  log: Logger,
): NodeJS.Timeout {
  return setInterval(() => {
    endIfDisplaced(files, log);
    for (const part of parts) part?.refresh();
  }, LOOK_MS);
}

/** At once: what is read could be wrong, and in its place another process reads what is there now. */
function endIfDisplaced(files: StoreFiles, log: Logger): void {
  const reason = files.readerFault();
  if (reason === undefined) return;
  log.fatal({ reason }, "the store is another one; ending, to come back with that");
  process.exit(1);
}

function clock(): UnixSeconds {
  return Math.floor(Date.now() / 1000);
}

/** A lone responder has an operations listener where it is told so; under `serve` the supervisor has, and asks. */
async function startOwnOps(
  text: string | undefined,
  readiness: () => Readiness,
): Promise<{ close(): void } | undefined> {
  answerReports(readiness);
  const address = text === undefined ? undefined : parseListenAddress(text);
  if (!address) return undefined;
  return startOps(address, {
    metrics: async () => metricsText([await processMetrics()]),
    readiness: () => Promise.resolve(readiness()),
  });
}

/** Downloads, whose numbers are handed over at scrape. */
function countedDownloads(): Downloads {
  const downloads = new Downloads();
  onScrape(() => {
    metrics.crlDownloads.set(downloads.count);
    metrics.crlDownloadsRefused.reset();
    metrics.crlDownloadsRefused.inc(downloads.refused);
  });
  return downloads;
}

/** Waits for what the authority says is to be served; on a fresh store it has not said so yet. */
async function firstView(store: StoreReader, crlFolder: string, log: Logger): Promise<Served> {
  const served = new Served(store, crlFolder);
  served.refresh();
  if (!served.isKnown) log.info("waiting for the authority's first start");
  while (!served.isKnown) {
    await sleep(LOOK_MS);
    served.refresh();
  }
  return served;
}

/** Of another schema, or unregistered: then this process would read pages that the writer uses again under it. */
function requireUsable(store: StoreReader, folder: string): void {
  requireSchema(store);
  if (store.isRegistered()) return;
  throw new StartError(
    "storeMissing",
    `this process may read the store in ${folder}, but not register as its reader`,
    "its lock.mdb must be writable for this user's group: vouch check says how",
  );
}

function responderReadiness(
  store: StoreReader,
  served: Served,
  now: number,
  tls: TlsFiles | undefined,
): Readiness {
  store.refresh();
  const summary = readSummary(store);
  return readinessOf(
    served.issuers.map((issuer) => {
      const reason = issuerUnreadyReason(store, issuer, summary[issuer.number], now);
      return { issuer: issuer.name, ready: reason === null, reason };
    }),
    [
      ...clockWarnings(store, { issuers: served.issuers, summary, now }),
      ...(tls?.warnings(now) ?? []),
    ],
  );
}
