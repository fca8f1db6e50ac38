import { readFileSync, renameSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { LiveSigner } from "../../../src/authority/live/live-signer.ts";
import { Sweep } from "../../../src/authority/sweep.ts";
import { element } from "../../../src/der/writer.ts";
import type { LiveReply, LiveSigned } from "../../../src/ocsp/live-reply.ts";
import { statusOf } from "../../../src/ocsp/record.ts";
import { readRequest } from "../../../src/ocsp/request.ts";
import { encodeRequest } from "../../../src/ocsp/request-encoder.ts";
import { readLiveAnswer } from "../../../src/ocsp/response.ts";
import { recordKey } from "../../../src/store/keys.ts";
import { issueSigner } from "../../setup/planted.ts";
import { until } from "../../support/until.ts";
import { type Office, openOffice, row, serial, serials } from "../office.ts";
import { certID } from "./asking.ts";

let office: Office;

afterEach(() => office.close());

const [a, b] = serials(2) as [string, string];
const NOW = Math.floor(Date.now() / 1000);
const nonce = element(0x04, Buffer.alloc(16, 1));

interface Times {
  readonly producedAt: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** Asks for a live answer as the office is now. */
async function live(serialNumber: string): Promise<LiveReply> {
  const { store, issuers, underWay, floor, clock, maySign, log } = office.desk;
  const sources = { store, issuers, underWay, floor: (issuer: number) => floor.of(issuer) };
  const signing = { live: office.live };
  const signer = new LiveSigner({ sources, signing, floor, clock, maySign, log });
  const request = readRequest(encodeRequest([certID(office, serialNumber)], nonce));
  if (request instanceof Error) throw request;
  return signer.ask(request);
}

/** One that is signed; threads that have just begun may take longer than who asks is kept waiting. */
async function signed(serialNumber: string): Promise<Times> {
  const answer = async (): Promise<LiveSigned | false> => {
    const reply = await live(serialNumber);
    return typeof reply === "object" && reply;
  };
  const { der } = await until(answer, { what: "a live answer" });
  const { producedAt, responses } = readLiveAnswer(der);
  const [{ thisUpdate, nextUpdate } = { thisUpdate: 0, nextUpdate: 0 }] = responses;
  return { producedAt, thisUpdate, nextUpdate };
}

it("is signed now, backdated, and lives as long as any answer; never longer than its signer", async () => {
  office = await openOffice({ ocsp: { backdate: "10m", validity: "8h" } });
  office.now = NOW;
  await office.import([row(a)]);
  office.now = NOW + 1_000;
  const { producedAt, thisUpdate, nextUpdate } = await signed(a);
  expect([producedAt, thisUpdate, nextUpdate]).toEqual([
    ...[NOW + 1_000, NOW + 400, NOW + 400 + 8 * 3600 - 1],
  ]);
  const notAfter = office.issuer().signers[0]?.parts.notAfter ?? 0;
  office.now = notAfter - 3_600;
  expect((await signed(a)).nextUpdate).toBe(notAfter - 1);
  office.now = notAfter + 5;
  expect(await live(a)).toBe("tryLater");
});

it("is not backdated to before the change of status that it reports", async () => {
  office = await openOffice();
  office.now = NOW;
  await office.import([row(a)]);
  office.now = NOW + 50;
  await office.revoke([a]);
  expect((await signed(a)).thisUpdate).toBe(NOW + 50);
  office.now = NOW + 51;
  expect((await signed(a)).thisUpdate).toBe(NOW + 50);
  office.now = NOW + 1_000;
  expect((await signed(a)).thisUpdate).toBe(NOW + 700);
});

it("of a fresh revocation takes no other certificate's answers their backdating", async () => {
  office = await openOffice();
  office.now = NOW;
  await office.import([row(a), row(b)]);
  office.now = NOW + 50;
  await office.revoke([a]);
  expect((await signed(a)).thisUpdate).toBe(NOW + 50);
  office.now = NOW + 60;
  expect((await signed(b)).thisUpdate).toBe(NOW + 60 - 300);
  await office.revoke([b]);
  expect((await signed(b)).thisUpdate).toBe(NOW + 60);
});

it("is not later than what is signed ahead meanwhile, where it stands in for it", async () => {
  office = await openOffice({ ocsp: { backdate: "1m", validity: "1h" } });
  office.now = NOW;
  await office.import([row(a), row(b)]);
  const { thisUpdate } = office.record(a);
  office.now = NOW + 2 * 3600;
  const before = await signed(a);
  const meanwhile: Times[] = [];
  office.beforeAnswers = async () => {
    for (let count = 0; count < 3; count++) {
      office.now = (office.now ?? 0) + 7;
      meanwhile.push(await signed(a));
    }
  };
  const sweep = new Sweep(office.desk);
  sweep.start();
  await until(() => office.record(a).thisUpdate > thisUpdate, { what: "the answer" });
  await sweep.stop();
  expect(meanwhile.length).toBeGreaterThanOrEqual(3);
  const times = [before, ...meanwhile, office.record(a)].map((one) => one.thisUpdate);
  expect(times).toEqual(times.toSorted((x, y) => x - y));
  const last = meanwhile.at(-1);
  expect((last?.producedAt ?? 0) - (last?.thisUpdate ?? 0)).toBeGreaterThan(60);
  expect((await signed(a)).thisUpdate).toBeGreaterThanOrEqual(office.record(a).thisUpdate);
});

it("binds what is signed ahead after it, also when the clock was set back and across a restart", async () => {
  office = await openOffice();
  office.now = NOW;
  await office.import([row(a), row(b)]);
  office.now = NOW + 1_000;
  const first = await signed(a);
  office.now = NOW + 900;
  await office.reopen();
  await office.revoke([a]);
  expect(office.record(a).thisUpdate).toBeGreaterThanOrEqual(first.thisUpdate);
  expect((await signed(b)).thisUpdate).toBeGreaterThanOrEqual(first.thisUpdate);
  // Further back than what was backdated: nothing may be signed until the clock is there again.
  office.now = NOW + 600;
  expect(await live(a)).toBe("tryLater");
});

it("of a change that could not be signed ahead, is not earlier than the change", async () => {
  office = await openOffice({ ocsp: { backdate: 0 } });
  await office.import([row(a)]);
  const keyFile = office.issuer().signers[0]?.keyFile ?? "";
  await office.freshThreads();
  renameSync(keyFile, `${keyFile}.away`);
  expect(await office.revoke([a])).toMatchObject({ unsigned: [a] });
  renameSync(`${keyFile}.away`, keyFile);
  const changedAt = office.record(a).thisUpdate + 1;
  // A key that failed is looked for again after a while.
  await until(async () => typeof (await live(a)) === "object", {
    what: "the key to be back",
  });
  const { thisUpdate, producedAt } = await signed(a);
  expect(thisUpdate).toBeGreaterThanOrEqual(changedAt);
  expect(thisUpdate).toBeLessThanOrEqual(producedAt);
});

/** What happens between two answers. */
type Step =
  | { readonly does: "pass"; readonly seconds: number }
  | { readonly does: "live" | "revoke" | "sign" | "restart" | "newSigner" | "newBackdate" };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: -200, max: 1_000 })
      .map((seconds) => ({ does: "pass", seconds }) as const),
  },
  { weight: 8, arbitrary: fc.constantFrom("live", "sign").map((does) => ({ does }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("revoke", "restart", "newSigner", "newBackdate")
      .map((does) => ({ does }) as const),
  },
);

/** Does it; the thisUpdate of the answer that it brought about, if any. */
async function take(step: Step): Promise<number | undefined> {
  switch (step.does) {
    case "pass":
      office.now = (office.now ?? NOW) + step.seconds;
      return undefined;
    case "restart":
      await office.reopen();
      return undefined;
    case "newSigner":
      issueSigner(office.pki, { days: [-31, 365] });
      await office.reload();
      return undefined;
    case "newBackdate":
      changeBackdate();
      await office.reload();
      return undefined;
    case "revoke": {
      const { changed, unsigned } = await office.revoke([a]);
      return changed === 1 && unsigned.length === 0 ? office.record(a).thisUpdate : undefined;
    }
    case "sign":
      return signAnew();
    case "live": {
      const reply = await live(a);
      return typeof reply === "string" ? undefined : reply.thisUpdate;
    }
  }
}

function changeBackdate(): void {
  const { file } = office.config;
  const text = readFileSync(file, "utf8");
  const [from, to] = text.includes("backdate: 5m") ? ["5m", "15m"] : ["15m", "5m"];
  writeFileSync(file, text.replace(`backdate: ${from}`, `backdate: ${to}`));
}

/** Signs the record anew, as the sweep does when it is due. */
async function signAnew(): Promise<number | undefined> {
  const record = office.record(a);
  const draft = {
    serialNumber: serial(a),
    status: statusOf(record),
    changedAt: undefined,
    lastThisUpdate: record.thisUpdate,
  };
  const [made] = await office.desk.maker.make(office.issuer(), [draft], "bulk");
  if (!made?.signed) return undefined;
  const key = recordKey(office.issuer().number, serial(a));
  await office.desk.store.transact((transaction) => transaction.put("records", key, made.octets));
  return office.record(a).thisUpdate;
}

it("never goes backwards for one CertID, live and signed ahead mixed, whatever happens between", async () => {
  office = await openOffice({ ocsp: { backdate: "5m" } });
  office.now = NOW;
  await office.import([row(a)]);
  let latest = office.record(a).thisUpdate;
  let answers = 0;
  const steps = fc.sample(fc.array(anyStep, { minLength: 100, maxLength: 100 }), {
    numRuns: 1,
    seed: 7,
  });
  for (const step of steps.flat()) {
    const thisUpdate = await take(step);
    if (thisUpdate === undefined) continue;
    expect(thisUpdate).toBeGreaterThanOrEqual(latest);
    expect(thisUpdate).toBeLessThanOrEqual(office.now ?? 0);
    latest = thisUpdate;
    answers++;
  }
  expect(answers).toBeGreaterThan(25);
});
