import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CRLSchedule } from "../../src/authority/crl-schedule.ts";
import { crlFolder, dataFile } from "../../src/config/data-files.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { type ReasonName, reasonName } from "../../src/x509/reason.ts";
import { mustRun } from "../support/run-program.ts";
import { possibleReasons, readCRL, YearModel } from "./crl-year-model.ts";
import { type Office, openOffice, row } from "./office.ts";

/* A year of operation in half days: every CRL that is published is read by pkijs and held against a model. */

const DAY = 86_400;
const STEP = DAY / 2;
const STEPS = 2 * 350;
const HOLD = 6;
/** Half days at which something happens besides. */
const BACKUP = 400;
const RESTORE = 409;
const CLOCK_BACK = 520;
const RESTART_EVERY = 61;

let office: Office;

afterEach(() => office.close());

/** Numbers that look random and are the same in each run. */
class Dice {
  #state = 20_261_125;

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}

class Year {
  readonly model = new YearModel();
  readonly faults: string[] = [];
  readonly #dice = new Dice();
  readonly #seen = new Set<string>();
  #schedule = new CRLSchedule(office.desk, office.publisher);
  #issued = 0;

  get now(): number {
    return office.now as number;
  }

  async reopen(between: () => void = () => undefined): Promise<void> {
    await office.shut();
    between();
    await office.open();
    this.#schedule = new CRLSchedule(office.desk, office.publisher);
  }

  /** A few certificates come, and officers do what they may. */
  async live(): Promise<void> {
    for (let more = this.#dice.below(3); more > 0; more--) {
      const name = (0x10_00_00 + this.#issued++).toString(16);
      const notAfter = this.now + (10 + this.#dice.below(60)) * DAY;
      this.model.certificates.set(name, { notAfter, reason: undefined, changedAfter: -1 });
      await office.import([row(name, { notAfter: rfc3339(notAfter) })]);
    }
    const names = [...this.model.certificates.keys()].slice(-60);
    for (let more = this.#dice.below(3); more > 0; more--) {
      const name = names[this.#dice.below(names.length)];
      const reason = name && this.model.certificates.get(name)?.reason;
      const choices = possibleReasons(typeof reason === "number" ? reason : undefined);
      if (name && choices.length > 0)
        await this.change(name, choices[this.#dice.below(choices.length)]);
    }
  }

  async change(name: string, reason: number | undefined): Promise<void> {
    if (reason === undefined) await office.release([name]);
    else if (reason === HOLD) await office.hold([name]);
    else await office.revoke([name], reasonName(reason) as ReasonName);
    this.model.set(name, reason);
  }

  /** Lets the schedule work, and judges what it has published. */
  async look(): Promise<void> {
    await this.#schedule.look();
    for (const scope of ["full", "delta"] as const) {
      const crl = office.publisher.published(office.issuer(), scope);
      if (!crl || this.#seen.has(`${scope} ${crl.crlNumber}`)) continue;
      this.#seen.add(`${scope} ${crl.crlNumber}`);
      const file = join(crlFolder(office.config.data), crl.file);
      const read = readCRL(readFileSync(file));
      const found = scope === "full" ? this.model.judgeFull(read) : this.model.judgeDelta(read);
      this.faults.push(...found.map((fault) => `${rfc3339(this.now)} ${scope}: ${fault}`));
      if (this.#seen.size % 50 === 0) expectVerified(file);
    }
    const { full } = this.model.last;
    if (full && full.nextUpdate <= this.now)
      this.faults.push(`${rfc3339(this.now)}: no CRL in force`);
  }

  /** The store as it was days ago: nothing is published that takes back what was seen, until it is done again. */
  async restore(kept: string): Promise<void> {
    const published = join(crlFolder(office.config.data), "gov-1.crl");
    const octets = readFileSync(published);
    await this.reopen(() => copyFileSync(kept, dataFile(office.config.data)));
    await this.look();
    expect(office.errors.join("\n")).toContain("certificates left it too early");
    expect(readFileSync(published)).toEqual(octets);
    await this.#doAgain();
    office.now = this.now + STEP;
    this.model.forgets = true;
    await this.look();
    expect(readFileSync(published)).not.toEqual(octets);
  }

  async #doAgain(): Promise<void> {
    for (const [name, { notAfter, reason }] of this.model.certificates) {
      await office.import([row(name, { notAfter: rfc3339(notAfter) })]);
      const { status, reason: known } = office.record(name);
      const is = status === "good" ? undefined : status === "hold" ? HOLD : known;
      if (is !== reason) await this.change(name, reason);
    }
  }
}

function expectVerified(file: string): void {
  const asked = ["crl", "-inform", "DER", "-in", file, "-CAfile", office.pki.caCertificate];
  expect(mustRun("openssl", [...asked, "-noout", "-verify", "-text"])).toContain("CRL Number");
}

describe("a year of CRLs", () => {
  it("lists what it must, through restarts, a store put back and a clock that steps back", async () => {
    const times = { validity: "3d", every: "1d", delta: "11h", keepExpired: false };
    const crl = { ...times, url: "http://crl.example.vn/crl/gov-1.crl" };
    const issuers = () => [{ name: "gov-1", more: { hold: true } }];
    office = await openOffice({ crl, issuers, ocsp: { hashes: ["sha1"] } });
    office.now = Math.floor(Date.now() / 1000);
    const year = new Year();
    const kept = join(office.folder, "kept.mdb");
    const besides: Readonly<Record<number, () => Promise<void>>> = {
      [BACKUP]: () => year.reopen(() => copyFileSync(dataFile(office.config.data), kept)),
      [RESTORE]: () => year.restore(kept),
      [CLOCK_BACK]: async () => {
        office.now = year.now - 2 * DAY;
      },
    };
    for (let step = 0; step < STEPS; step++) {
      office.now = year.now + STEP;
      await year.live();
      await year.look();
      if (step % RESTART_EVERY === 0) await year.reopen();
      await besides[step]?.();
    }
    expect(year.faults).toEqual([]);
    expect(year.model.full.length).toBeGreaterThan(STEPS / 3);
    const everListed = new Set(year.model.full.flatMap(({ entries }) => [...entries.values()]));
    expect([...everListed].sort()).toEqual([1, 4, 5, 6]);
  }, 900_000);
});
