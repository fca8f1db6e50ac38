import { crlKinds } from "../config/crl-names.ts";
import { type CRLScope, crlScopes } from "../crl/scope.ts";
import type { UnixSeconds } from "../der/time.ts";
import { errorText } from "../observe/logger.ts";
import type { IssueRequest } from "./admin-crl-types.ts";
import { type CRLAge, type CRLsNow, dueCRLs } from "./crl-due.ts";
import type { CRLPublisher } from "./crl-publisher.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { StatusChanges } from "./status-changes.ts";

const LOOK_EVERY_MS = 1_000;
const FIRST_RETRY_SECONDS = 60;
const LAST_RETRY_SECONDS = 900;

/**
 * Issues each issuer's CRLs when they are due, and at once where that was missed: after a start, after the
 * machine slept. Issuers do not wait for each other; what fails is tried again, at growing intervals.
 */
export class CRLSchedule {
  readonly #desk: Desk;
  readonly #publisher: CRLPublisher;
  readonly #changes: StatusChanges;
  /** A reload makes issuers anew: what was put right is tried at once. */
  readonly #putOff = new WeakMap<
    Issuer,
    { readonly until: UnixSeconds; readonly seconds: number }
  >();
  readonly #underWay = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(desk: Desk, publisher: CRLPublisher) {
    this.#desk = desk;
    this.#publisher = publisher;
    this.#changes = new StatusChanges(desk.store);
  }

  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** What is under way and cannot be ended is left to the next start. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Issues what is due now; resolves when that is done. */
  async look(): Promise<void> {
    if (!this.#desk.maySign()) return;
    await Promise.all(this.#desk.issuers().map((issuer) => this.#attend(issuer)));
  }

  async #attend(issuer: Issuer): Promise<void> {
    const { number, config, crlSigner } = issuer;
    const isPutOff = this.#desk.clock() < (this.#putOff.get(issuer)?.until ?? 0);
    if (!config.crl?.signer || !crlSigner || isPutOff || this.#underWay.has(number)) return;
    this.#underWay.add(number);
    try {
      const kinds = await this.#due(issuer);
      if (kinds) await this.#issue(issuer, kinds);
    } catch (error) {
      if (!this.#isStopped) this.#failed(issuer, error);
    } finally {
      this.#underWay.delete(number);
    }
  }

  async #due(issuer: Issuer): Promise<IssueRequest["kinds"] | undefined> {
    const { crl } = issuer.config;
    if (!crl || this.#publisher.hasEnded(issuer)) return undefined;
    const scopes = crlScopes(crlKinds(crl));
    const { history } = this.#publisher;
    for (const scope of scopes) await history.previous(issuer, scope);
    if (await this.#publisher.areFilesDamaged(issuer, scopes)) return "all";
    const now: CRLsNow = {
      complete: scopes
        .filter((scope) => scope !== "delta")
        .map((scope) => this.#age(issuer, scope)),
      delta: this.#age(issuer, "delta"),
      isBehind: scopes.some((scope) => history.isBehind(issuer, scope)),
      canIssueDelta: this.#publisher.canIssueDelta(issuer),
    };
    return dueCRLs(crl, now, this.#desk.clock());
  }

  #age(issuer: Issuer, scope: CRLScope): CRLAge | undefined {
    const row = this.#publisher.published(issuer, scope);
    if (!row) return undefined;
    const isOutdated = row.sequence === null || this.#changes.areSince(issuer.number, row.sequence);
    const ageSeconds = this.#publisher.history.age(issuer, row);
    return { ageSeconds, nextUpdate: row.nextUpdate, isOutdated };
  }

  async #issue(issuer: Issuer, kinds: IssueRequest["kinds"]): Promise<void> {
    const order = { by: "schedule", kinds, force: null, ends: "inTime" } as const;
    const crls = await this.#publisher.issue(issuer, order);
    if (crls.every(({ refused }) => refused === null)) this.#putOff.delete(issuer);
    else this.#putOffNext(issuer);
  }

  #failed(issuer: Issuer, error: unknown): void {
    this.#putOffNext(issuer);
    this.#desk.log.error({ issuer: issuer.name, reason: errorText(error) }, "no CRL was made");
  }

  #putOffNext(issuer: Issuer): void {
    const last = this.#putOff.get(issuer)?.seconds ?? FIRST_RETRY_SECONDS / 2;
    const seconds = Math.min(2 * last, LAST_RETRY_SECONDS);
    this.#putOff.set(issuer, { until: this.#desk.clock() + seconds, seconds });
  }
}
