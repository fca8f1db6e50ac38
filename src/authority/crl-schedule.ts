import { errorText } from "../observe/logger.ts";
import type { CRLPublisher } from "./crl-publisher.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

const LOOK_EVERY_MS = 1_000;
const RETRY_SECONDS = 60;

/**
 * Issues each issuer's CRL every `crl.every`, and at once where one is missing or overdue: after a start,
 * after the machine slept. One issuer's failure does not delay another.
 */
export class CRLSchedule {
  readonly #desk: Desk;
  readonly #publisher: CRLPublisher;
  readonly #notBefore = new Map<number, number>();
  readonly #underWay = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(desk: Desk, publisher: CRLPublisher) {
    this.#desk = desk;
    this.#publisher = publisher;
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#desk.maySign()) return;
    for (const issuer of this.#desk.issuers()) {
      if (this.#isDue(issuer)) void this.#issue(issuer);
    }
  }

  #isDue(issuer: Issuer): boolean {
    const { crl } = issuer.config;
    if (!crl?.signer || !issuer.crlSigner || this.#underWay.has(issuer.number)) return false;
    const now = this.#desk.clock();
    if (now < (this.#notBefore.get(issuer.number) ?? 0)) return false;
    const published = this.#publisher.published(issuer);
    return !published || now >= published.thisUpdate + crl.everySeconds;
  }

  async #issue(issuer: Issuer): Promise<void> {
    this.#underWay.add(issuer.number);
    try {
      const { refused } = await this.#publisher.issue(issuer, "schedule");
      if (refused !== null) this.#putOff(issuer);
    } catch (error) {
      this.#putOff(issuer);
      this.#desk.log.error({ issuer: issuer.name, reason: errorText(error) }, "no CRL was made");
    } finally {
      this.#underWay.delete(issuer.number);
    }
  }

  #putOff(issuer: Issuer): void {
    this.#notBefore.set(issuer.number, this.#desk.clock() + RETRY_SECONDS);
  }
}
