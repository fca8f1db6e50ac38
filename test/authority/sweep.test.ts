import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import type { AnswerMaker } from "../../src/authority/answer-maker.ts";
import type { Desk } from "../../src/authority/desk.ts";
import { Sweep } from "../../src/authority/sweep.ts";
import { type CertRecord, decodeRecord } from "../../src/ocsp/record.ts";
import { issuerRange } from "../../src/store/keys.ts";
import { issueSigner } from "../setup/planted.ts";
import { type Office, openOffice, row, serials } from "./office.ts";
import type { Simulation } from "./simulation.ts";

const clock = await vi.hoisted(async () => {
  const { Simulation: Made } = await import("./simulation.ts");
  return new Made();
});
vi.mock("node:timers/promises", () => ({ setTimeout: clock.sleep }));

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** The pass over the store, and the retry. */
const LOOPS = 2;

const RETRY_MS = 1_200_000;
/** Pauses as a store has them whose passes take all the time that they may, for answers of a day. */
const slow = (milliseconds: number): number =>
  milliseconds > 5_000 ? (DAY / 16) * 1_000 : RETRY_MS;

let office: Office;
let sweep: Sweep | undefined;

afterEach(async () => {
  await sweep?.stop();
  sweep = undefined;
  clock.stretched = (milliseconds) => milliseconds;
  await office.close();
});

/** Opens an office that runs on simulated time, with this many good certificates. */
async function open(count: number, ocsp: Readonly<Record<string, unknown>>): Promise<void> {
  office = await openOffice({ ocsp });
  clock.now = Math.floor(Date.now() / 1000);
  runOn(clock);
  for (let at = 0; at < count; at += 1_000) {
    await office.import(
      serials(Math.min(1_000, count - at), 0x10_00_00 + at).map((name) => row(name)),
    );
  }
}

function runOn(simulation: Simulation): void {
  Object.defineProperty(office, "now", { get: () => simulation.now, configurable: true });
}

/** The desk, counting the records that are signed. */
function counted(): { desk: Desk; take(): number } {
  let signed = 0;
  const { maker } = office.desk;
  const make: AnswerMaker["make"] = async (issuer, drafts, priority) => {
    const made = await maker.make(issuer, drafts, priority);
    signed += made.filter((one) => one.signed).length;
    return made;
  };
  return {
    desk: { ...office.desk, maker: { make } as AnswerMaker },
    take: () => {
      const taken = signed;
      signed = 0;
      return taken;
    },
  };
}

function records(): CertRecord[] {
  office.desk.store.refresh();
  const range = { ...issuerRange(office.issuer().number), limit: 10_000 };
  return office.desk.store.rows("records", range).map(({ value }) => decodeRecord(value));
}

/** The signer of the configuration is this one now. */
async function changeSigners(signers: readonly object[]): Promise<void> {
  const { file } = office.config;
  const document = parse(readFileSync(file, "utf8"));
  document.issuers[0].ocsp.signers = signers;
  writeFileSync(file, stringify(document));
  // A reload waits for responders, on real time.
  clock.stretched = () => 0;
  await office.reload();
}

/** Nothing is older than half its life, nothing is past its nextUpdate or its signer. */
function expectFresh(validity: number): void {
  const { oldestProducedAt, earliestNextUpdate } = office.desk.census.issuer(
    office.issuer().number,
  );
  expect(clock.now - (oldestProducedAt ?? 0)).toBeLessThanOrEqual(validity / 2 + 1);
  expect(earliestNextUpdate).toBeGreaterThan(clock.now);
}

function expectCensusHolds(): void {
  const all = records();
  expect(office.desk.census.issuer(office.issuer().number)).toEqual({
    records: all.length,
    answered: all.filter(({ hashes }) => hashes.length > 0).length,
    earliestNextUpdate: Math.min(...all.map(({ nextUpdate }) => nextUpdate)),
    oldestProducedAt: Math.min(...all.map(({ producedAt }) => producedAt)),
    latestThisUpdate: Math.max(...all.map(({ thisUpdate }) => thisUpdate)),
  });
}

describe("the sweep", () => {
  it("over days at the pace of a large store: every answer is young at every moment", async () => {
    const count = 150;
    await open(count, { validity: "24h", hashes: ["sha256"] });
    // As if the store were so large that a pass takes its whole time, or a quarter less or more.
    clock.stretched = (milliseconds) =>
      milliseconds > 5_000 ? slow(milliseconds) * (0.75 + Math.random() / 2) : RETRY_MS;
    const { desk, take } = counted();
    sweep = new Sweep(desk);
    sweep.start();
    await clock.pass(clock.now + 5 * DAY, LOOPS, () => expectFresh(DAY));
    expectCensusHolds();
    // Each is signed anew after 5/8 to 7/8 of half its life.
    const signings = take() / count;
    expect(signings).toBeGreaterThan(10);
    expect(signings).toBeLessThan(18);
  });

  it("at its own pace with answers of a minute", async () => {
    await open(20, { validity: "60s", backdate: "5s" });
    sweep = new Sweep(office.desk);
    sweep.start();
    await clock.pass(clock.now + 10 * 60, LOOPS, () => expectFresh(60));
    expectCensusHolds();
  });

  it("goes on where it was after a restart", async () => {
    await open(2_200, { validity: "24h", hashes: ["sha256"] });
    clock.now += 12 * HOUR;
    sweep = new Sweep(office.desk);
    sweep.start();
    // Two batches of a thousand; a pause lies between.
    await clock.pass(clock.now + 15, LOOPS);
    await sweep.stop();
    const signedAt = (): number[] => records().map(({ producedAt }) => producedAt);
    const first = signedAt();
    expect(new Set(first.slice(0, 2_000)).size).toBe(2);
    expect(new Set(first.slice(2_000)).size).toBe(1);
    await office.reopen();
    clock.now += 12 * HOUR;
    sweep = new Sweep(office.desk);
    sweep.start();
    await clock.pass(clock.now, LOOPS);
    const then = signedAt();
    expect(then.slice(0, 1_000)).toEqual(first.slice(0, 1_000));
    expect(then.slice(1_000, 2_000).every((at) => at === clock.now)).toBe(true);
    await clock.pass(clock.now + 15, LOOPS);
    expect(
      signedAt()
        .slice(2_000)
        .every((at) => at >= clock.now - 15),
    ).toBe(true);
  });

  it("leaves alone what another writer has changed meanwhile", async () => {
    await open(3, { validity: "24h" });
    const [name] = serials(1) as [string];
    clock.now += 12 * HOUR;
    office.beforeAnswers = async (priority) => {
      if (priority === "urgent") return;
      office.beforeAnswers = () => Promise.resolve();
      await office.revoke([name]);
    };
    sweep = new Sweep(office.desk);
    sweep.start();
    await clock.pass(clock.now, LOOPS);
    expect(office.record(name)).toMatchObject({ status: "revoked", hashes: ["sha1", "sha256"] });
    expect(records().every(({ producedAt }) => producedAt === clock.now)).toBe(true);
    expectCensusHolds();
  });
});

describe("the sweep and its signers", () => {
  it("a signer that expires gets a successor: every answer is the new one's in time", async () => {
    await open(60, { validity: "24h", hashes: ["sha256"] });
    const first = issueSigner(office.pki, { days: [-31, 3] });
    await changeSigners([first]);
    const { parts, certificate } = office.issuer().signers[0] ?? {};
    clock.stretched = slow;
    const { desk, take } = counted();
    sweep = new Sweep(desk);
    sweep.start();
    const cut = (): void => {
      expectFresh(DAY);
      for (const { nextUpdate, signer } of records()) {
        if (signer === parts?.number) expect(nextUpdate).toBeLessThan(certificate?.notAfter ?? 0);
      }
    };
    await clock.pass(clock.now + 2 * DAY, LOOPS, cut);
    expect(records().every(({ signer }) => signer === parts?.number)).toBe(true);
    const second = issueSigner({ ...office.pki }, { days: [-1, 365] });
    await changeSigners([first, second]);
    clock.stretched = slow;
    await clock.pass(certificate?.notAfter ?? 0, LOOPS, cut);
    expect(records().some(({ signer }) => signer === parts?.number)).toBe(false);
    await clock.pass(clock.now + DAY, LOOPS, cut);
    expect(take() / 60).toBeLessThan(16);
  });

  it("one that expires without a successor: answers end with it, and nothing is signed again and again", async () => {
    await open(60, { validity: "24h", hashes: ["sha256"] });
    await changeSigners([issueSigner(office.pki, { days: [-31, 2] })]);
    const notAfter = office.issuer().signers[0]?.certificate.notAfter ?? 0;
    clock.stretched = slow;
    const { desk, take } = counted();
    sweep = new Sweep(desk);
    sweep.start();
    let signed = 0;
    await clock.pass(notAfter - 1, LOOPS, () => {
      const now = take();
      signed += now;
      if (clock.now < notAfter - 2) expectFresh(DAY);
    });
    expect(signed / 60).toBeLessThan(8);
    expect(records().every(({ nextUpdate }) => nextUpdate === notAfter - 1)).toBe(true);
    await clock.pass(notAfter + DAY, LOOPS);
    expect(take()).toBe(0);
    expect(records().every(({ nextUpdate }) => nextUpdate === notAfter - 1)).toBe(true);
  });
});
