import { crlKinds } from "../config/crl-names.ts";
import { crlScopes } from "../crl/scope.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { metrics, onScrape } from "../observe/metrics.ts";
import { type Readiness, readinessOf } from "../observe/readiness.ts";
import { clockWarnings, type KnownTimes } from "../store/clock-state.ts";
import { readHeldCRLs } from "../store/held-crls.ts";
import { issuerUnreadyReason } from "../store/readiness.ts";
import { readSetting } from "../store/settings.ts";
import { readSummary } from "../store/summary.ts";
import { serialNumberText } from "../x509/serial-number.ts";
import type { IssuerStats, Stats } from "./admin-types.ts";
import type { CRLPublisher } from "./crl-publisher.ts";
import type { Desk } from "./desk.ts";
import { activeSigner, type Issuer } from "./issuer.ts";
import { lastReconciled } from "./reconcile.ts";
import { signaturesNeeded, signaturesPossible } from "./signing-load.ts";
import type { Sweep } from "./sweep.ts";
import { showAtZero } from "./zero-counters.ts";

/** What numbers about the authority's work are made from. */
export interface StatsSources {
  readonly desk: Desk;
  readonly publisher: CRLPublisher;
  readonly sweep: Sweep;
  readonly version: string;
  readonly startedAt: number;
}

/** What `vouch stats` shows. */
export function collectStats(sources: StatsSources): Stats {
  const { desk, sweep, version, startedAt } = sources;
  desk.store.refresh();
  return {
    version,
    startedAt: rfc3339(startedAt),
    sequence: readSetting<number>(desk.store, "sequence") ?? 0,
    storeBytes: desk.store.size(),
    sweepPosition: sweep.position,
    warnings: clockWarnings(desk.store, knownTimes(desk, desk.clock())),
    issuers: desk.issuers().map((issuer) => issuerStats(sources, issuer)),
  };
}

function issuerStats({ desk, publisher }: StatsSources, issuer: Issuer): IssuerStats {
  const now = desk.clock();
  const { records, answered, earliestNextUpdate, oldestProducedAt } = desk.census.issuer(
    issuer.number,
  );
  const signer = activeSigner(issuer, now)?.certificate;
  return {
    issuer: issuer.name,
    records: desk.census.counts(issuer.number, now),
    unsigned: records - answered,
    oldestAnswerAgeSeconds: oldestProducedAt === null ? null : now - oldestProducedAt,
    earliestNextUpdate: earliestNextUpdate === null ? null : rfc3339(earliestNextUpdate),
    signer: signer
      ? {
          serialNumber: serialNumberText(signer.serialNumber),
          notAfter: rfc3339(signer.notAfter),
        }
      : null,
    crl: publisher.current(issuer),
  };
}

/** Whether each issuer's answers can be relied on, as the authority knows it. */
export function authorityReadiness(desk: Desk): Readiness {
  return readinessOf(
    desk.issuers().map(({ name, number, config: { source } }) => {
      const { store, census, clock } = desk;
      const issuer = { number, source };
      const reason = issuerUnreadyReason(store, issuer, census.issuer(number), clock());
      return { issuer: name, ready: reason === null, reason };
    }),
    clockWarnings(desk.store, knownTimes(desk, desk.clock())),
  );
}

/** Answers' times as counted here or, until all are, as they were last kept. */
export function knownTimes({ issuers, census, store }: Desk, now: UnixSeconds): KnownTimes {
  const summary = census.isComplete ? census.summary() : readSummary(store);
  return { issuers: issuers(), summary, now };
}

/** Brings the authority's gauges up to date whenever they are read. */
export function gaugeAtScrape({ desk, publisher, sweep }: StatsSources): void {
  onScrape(() => {
    metrics.sweepPosition.set(sweep.position);
    metrics.storeBytes.set(desk.store.size());
    const { count, oldestTxns } = desk.store.readers();
    metrics.storeReaders.set(count);
    metrics.storeOldestReader.set(oldestTxns);
    for (const gauge of PER_ISSUER) gauge.reset();
    for (const issuer of desk.issuers()) gaugeIssuer(desk, publisher, issuer);
  });
}

/** Emptied before each scrape, so that an issuer that was taken out does not stay. */
const PER_ISSUER = [
  metrics.records,
  metrics.oldestAnswerAge,
  metrics.earliestNextUpdate,
  metrics.latestThisUpdate,
  metrics.crlNumber,
  metrics.crlNextUpdate,
  metrics.crlLost,
  metrics.reconcileDifferences,
  metrics.reconciledAt,
  metrics.signerNotAfter,
  metrics.signaturesNeeded,
  metrics.signaturesPossible,
] as const;

/** What signing has to do, and can. */
function gaugeSigning(desk: Desk, issuer: Issuer): void {
  const labels = { issuer: issuer.name };
  const { records } = desk.census.issuer(issuer.number);
  metrics.signaturesNeeded.set(labels, signaturesNeeded(records, issuer.config.ocsp));
  const rate = activeSigner(issuer, desk.clock())?.key.rate ?? null;
  if (rate === null) return;
  metrics.signaturesPossible.set(labels, signaturesPossible(rate, desk.signingThreads));
}

function gaugeIssuer(desk: Desk, publisher: CRLPublisher, issuer: Issuer): void {
  const now = desk.clock();
  const labels = { issuer: issuer.name };
  showAtZero(issuer);
  for (const [status, count] of Object.entries(desk.census.counts(issuer.number, now))) {
    metrics.records.set({ ...labels, status }, count);
  }
  const { oldestProducedAt, earliestNextUpdate, latestThisUpdate } = desk.census.issuer(
    issuer.number,
  );
  if (oldestProducedAt !== null) metrics.oldestAnswerAge.set(labels, now - oldestProducedAt);
  if (earliestNextUpdate !== null) metrics.earliestNextUpdate.set(labels, earliestNextUpdate);
  if (latestThisUpdate) metrics.latestThisUpdate.set(labels, latestThisUpdate);
  gaugeSigning(desk, issuer);
  for (const { certificate } of issuer.signers) {
    const signer = serialNumberText(certificate.serialNumber);
    metrics.signerNotAfter.set({ ...labels, signer }, certificate.notAfter);
  }
  gaugeReconciled(desk, issuer);
  const held = readHeldCRLs(desk.store, issuer.number);
  if (held) metrics.crlLost.set(labels, held.lost);
  // Also where the CRL is not handed on: answers end with it.
  if (held) metrics.crlNextUpdate.set({ ...labels, scope: "full" }, held.full.nextUpdate);
  for (const scope of crlScopes(crlKinds(issuer.config.crl))) {
    const crl = publisher.published(issuer, scope);
    if (!crl) continue;
    metrics.crlNumber.set({ ...labels, scope }, Number(crl.crlNumber));
    metrics.crlNextUpdate.set({ ...labels, scope }, crl.nextUpdate);
  }
}

function gaugeReconciled({ store }: Desk, issuer: Issuer): void {
  const last = lastReconciled(store, issuer);
  if (!last) return;
  const { at, ...differences } = last;
  for (const [kind, count] of Object.entries(differences)) {
    metrics.reconcileDifferences.set({ issuer: issuer.name, kind }, count);
  }
  metrics.reconciledAt.set({ issuer: issuer.name }, Date.parse(at) / 1000);
}
