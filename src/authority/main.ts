import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseListenAddress } from "../config/address.ts";
import type { Config } from "../config/config.ts";
import { crlFolder, lockFile } from "../config/data-files.ts";
import { endAtOnce, hearHangUps, readyToEnd, untilStopped } from "../observe/lifetime.ts";
import { createLogger, errorText, type Logger } from "../observe/logger.ts";
import { metricsText, processMetrics } from "../observe/metrics.ts";
import { startOps } from "../observe/ops-server.ts";
import { answerReports, isSupervised, reportReady } from "../observe/reports.ts";
import { VERSION } from "../observe/version.ts";
import type { Signing } from "../signing/jobs.ts";
import { startSigningPool } from "../signing/pool.ts";
import { settleHome } from "../store/home.ts";
import { openStore } from "../store/lmdb.ts";
import { lockForWriting } from "../store/lock.ts";
import { groupNumber, setStoreModes } from "../store/modes.ts";
import { requireSchema } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { StoreFiles } from "../store/store-files.ts";
import { writeSummary } from "../store/summary.ts";
import { writeFailureText } from "../store/write-failure.ts";
import { adminRoutes } from "./admin-routes.ts";
import { startAdminServer } from "./admin-server.ts";
import { systemClock, systemClocks } from "./clock.ts";
import { ClockWatch } from "./clock-watch.ts";
import { Configured } from "./configured.ts";
import { CRLPublisher } from "./crl-publisher.ts";
import { CRLSchedule } from "./crl-schedule.ts";
import { type Desk, makeDesk } from "./desk.ts";
import { Feeds } from "./feeds.ts";
import { KeyWatch } from "./key-watch.ts";
import { type LiveServer, startLiveServer } from "./live/live-server.ts";
import { LiveSigner } from "./live/live-signer.ts";
import { authorityReadiness, gaugeAtScrape, type StatsSources } from "./stats.ts";
import { Sweep } from "./sweep.ts";
import { Upkeep } from "./upkeep.ts";
import { Withdrawals } from "./withdrawal.ts";

/** What an authority whose supervisor was killed takes to end, where nothing holds it up. */
const PREDECESSOR_MS = 3_000;
const FILES_LOOK_MS = 200;
const IF_IT_IS_A_COPY =
  "nothing, if it was restored or moved; where the other one is still in use, stop one of them: two authorities for one CA are two truths";
/** Responders look many times within this. */
const READERS_NOTICE_MS = 500;
/** The supervisor and systemd wait longer. */
const LONGEST_END_MS = 5_000;

/** Runs the one process that holds keys and writes the store, until it is stopped. */
export async function runAuthority(
  config: Config,
  options: { ops: string | undefined },
): Promise<number> {
  const log = createLogger("authority");
  const onHangUp = hearHangUps();
  const store = await takeStore(config.data, log);
  const started = endOnBrokenCommit(log);
  const watch = new ClockWatch({ store, ...systemClocks, log });
  const signing = new KeyWatch(startSigningPool(config.signingThreads), log);
  const configured = new Configured(config, store, signing, watch.now, log);
  await configured.start();
  const desk = makeDesk({ store, signing, configured, watch, log });
  const sweep = new Sweep(desk);
  const publisher = new CRLPublisher(desk, signing, crlFolder(config.data));
  const schedule = new CRLSchedule(desk, publisher);
  const feeds = new Feeds(config, desk);
  const stats = { desk, publisher, sweep, version: VERSION, startedAt: systemClock() };
  const withdrawals = new Withdrawals(desk, configured);
  const reload: Configured["reload"] = (by) => configured.reload(by);
  const { importer } = feeds;
  const routes = adminRoutes({ desk, publisher, importer, stats, watch, withdrawals, reload });
  await Promise.all([feeds.clear(), publisher.mend()]);
  const admin = await startAdminServer(config.admin, routes, log);
  const live = await startLive(config.liveSign, desk, signing);
  const ops = await startOwnOps(config, options.ops, stats);
  const upkeep = new Upkeep(desk);
  onHangUp(() => reloadByHangUp(configured, log));
  for (const work of [upkeep, watch, withdrawals, sweep, schedule, feeds]) work.start();
  reportReady();
  started();
  log.info({ issuers: configured.issuers.map(({ name }) => name), version: VERSION }, "ready");

  const why = await untilStopped();
  log.info({ why }, "stopping");
  live.close();
  schedule.stop();
  ops?.close();
  await endWork(signing, admin, [upkeep, sweep, withdrawals, publisher, feeds]);
  await watch.end();
  await end(desk);
  readyToEnd();
  return 0;
}

function reloadByHangUp(configured: Configured, log: Logger): void {
  configured.reload("SIGHUP").catch((error: unknown) => {
    log.error({ reason: errorText(error) }, "the configuration was not reloaded");
  });
}

/** Signs for responders who ask; it is given what it reads and nothing that changes a status. */
function startLive(path: string, desk: Desk, signing: Signing): Promise<LiveServer> {
  const { store, issuers, underWay, floor, clock, maySign, log } = desk;
  const sources = { store, issuers, underWay, floor: (issuer: number) => floor.of(issuer) };
  const signer = new LiveSigner({ sources, signing, floor, clock, maySign, log });
  return startLiveServer(path, signer, log);
}

async function takeStore(folder: string, log: Logger): Promise<Store> {
  const hadLockFile = existsSync(lockFile(folder));
  const store = openStore(folder);
  const files = new StoreFiles(folder);
  // LMDB has opened its files, but nothing is written before the right to is held.
  await lockForWriting(folder, PREDECESSOR_MS);
  setStoreModes(folder);
  endWhenDisplaced(files, log);
  // Responders that have another one, which was removed, read pages that are used again from the first write on.
  if (!hadLockFile) await sleep(READERS_NOTICE_MS);
  requireSchema(store);
  warnOfMissingGroups(log);
  const copied = await settleHome(store, folder);
  if (copied !== undefined) log.warn({ do: IF_IT_IS_A_COPY }, copied);
  return store;
}

function warnOfMissingGroups(log: Logger): void {
  const missing = (["vouch-store", "vouch-admin"] as const).filter(
    (name) => groupNumber(name) === undefined,
  );
  if (missing.length > 0) {
    log.warn({ missing }, "groups do not exist: this process's own group serves in their place");
  }
}

/** What would be written is lost to the next start, or changes under those who read: whoever starts this anew puts it right. */
function endWhenDisplaced(files: StoreFiles, log: Logger): void {
  setInterval(() => {
    const reason = files.writerFault();
    if (reason === undefined) return;
    log.fatal(
      { reason },
      "the store is not in its place; ending, so that nothing more is written there",
    );
    endAtOnce();
  }, FILES_LOOK_MS).unref();
}

/**
 * A commit that fails (full disk) rejects beside the change that asked for it: nothing more can be trusted. A start that
 * fails by it exits with 1; what is returned is called once it has not.
 */
function endOnBrokenCommit(log: Logger): () => void {
  let end = (): void => process.exit(1);
  process.on("unhandledRejection", (error) => {
    void writeFailureText(error).then((reason) => {
      log.fatal({ reason }, "a write failed; ending, to come back clean");
      end();
    });
  });
  return () => {
    end = endAtOnce;
  };
}

/** Alone, the authority has its own operations listener; under `serve` the supervisor has. */
async function startOwnOps(
  config: Config,
  address: string | undefined,
  stats: StatsSources,
): Promise<{ close(): void } | undefined> {
  const { desk } = stats;
  gaugeAtScrape(stats);
  answerReports(
    () => authorityReadiness(desk),
    () => desk.store.clearDeadReaders(),
  );
  if (isSupervised()) return undefined;
  return startOps((address && parseListenAddress(address)) || config.ops, {
    metrics: async () => metricsText([await processMetrics()]),
    readiness: () => Promise.resolve(authorityReadiness(desk)),
  });
}

/** What a slow token has not signed in time is given up, and signed after the next start. */
async function endWork(
  signing: KeyWatch,
  admin: Server,
  works: readonly { stop(): Promise<void> }[],
): Promise<void> {
  const ended = Promise.all([
    new Promise((resolve) => admin.close(resolve).closeIdleConnections()),
    ...works.map((work) => work.stop()),
  ]);
  await Promise.race([ended, sleep(LONGEST_END_MS, undefined, { ref: false })]);
  await signing.close();
  await ended;
}

async function end(desk: Desk): Promise<void> {
  if (desk.census.isComplete) {
    const summary = desk.census.summary();
    await desk.store.transact((transaction) => writeSummary(transaction, summary));
  }
  await desk.store.close();
}
