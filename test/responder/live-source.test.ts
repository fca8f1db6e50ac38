import { afterAll, beforeAll, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import type { LiveReply } from "../../src/ocsp/live-reply.ts";
import { type OCSPRequest, readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { Served } from "../../src/responder/served.ts";
import { Turns } from "../../src/responder/turns.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import type { StoreReader } from "../../src/store/store.ts";
import { startCapturedSite, vector } from "../support/captured-site.ts";
import type { Site } from "../support/site.ts";

let site: Site;
let store: StoreReader;
let served: Served;
let certIDs: OCSPRequest["certIDs"];

/** A store that a real authority wrote; what the authority would say is the test's. */
beforeAll(async () => {
  site = await startCapturedSite();
  await site.daemon.stop();
  store = openStoreReader(site.places.data);
  served = new Served(store, site.places.data);
  served.refresh();
  const request = readRequest(vector("synthetic/001-base-sha1-null.der"));
  if (request instanceof Error) throw request;
  certIDs = request.certIDs;
});

afterAll(async () => {
  await store?.close();
  await site?.close();
});

const NOW = Math.floor(Date.now() / 1000);
const client = { address: "192.0.2.1" };

function source(ask: (payload: Uint8Array) => Promise<LiveReply>, clock = () => NOW): LiveSource {
  const presigned = new OcspSource(store, served);
  const asking = { client: { ask }, budget: new LiveBudget(), turns: new Turns() };
  return new LiveSource({ store, served, presigned, clock, ...asking });
}

const asked = (nonce: number): Buffer =>
  encodeRequest(certIDs, element(0x04, Buffer.alloc(16, nonce)));
const reply = (version: number, nextUpdate = NOW + 1_000): LiveReply => ({
  result: "good",
  thisUpdate: NOW,
  nextUpdate,
  versions: [version],
  der: Buffer.from(`version ${version}`),
});

/** The version of the record in the store. */
async function version(): Promise<number> {
  for (let guess = 1; guess < 100; guess++) {
    const answer = await source(async () => reply(guess)).answer(asked(guess), NOW, client);
    if (typeof answer === "object" && "caching" in answer) return guess;
  }
  throw new Error("no version is right");
}

it("hands out only what was made from the records as they are, and asks again for what was not", async () => {
  const right = await version();
  const replies = [reply(right - 1), reply(right)];
  const again = await source(async () => replies.shift() ?? "tryLater").answer(
    asked(1),
    NOW,
    client,
  );
  expect(again).toMatchObject({ caching: "private", der: Buffer.from(`version ${right}`) });
  // Overtaken twice: the pre-signed answer, which is as the record is.
  const stale = await source(async () => reply(right - 1)).answer(asked(2), NOW, client);
  expect(stale).toMatchObject({ result: "good", etag: expect.stringMatching(/^"/) });
  expect(stale).not.toHaveProperty("caching");
});

it("knows what was asked when the octets of the request are gone", async () => {
  const right = await version();
  const der = asked(3);
  let replied = reply(right - 1);
  const answer = source(async () => replied).answer(der, NOW, client);
  der.fill(0);
  replied = reply(right - 1);
  expect(await answer).not.toHaveProperty("caching");
});

it("hands out nothing past its nextUpdate", async () => {
  const right = await version();
  const late = source(
    async () => reply(right, NOW + 1),
    () => NOW + 1,
  );
  expect(await late.answer(asked(4), NOW, client)).toBe("stale");
});

it("asks once for what many ask at once, and again when they ask again", async () => {
  const right = await version();
  let questions = 0;
  const counting = source(async () => {
    questions++;
    return reply(right);
  });
  const many = (nonce: number): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 10 }, () => counting.answer(asked(nonce), NOW, client)));
  await many(1);
  expect(questions).toBe(1);
  await many(1);
  expect(questions).toBe(2);
  await Promise.all([many(2), many(3)]);
  expect(questions).toBe(4);
});

it.each(["tryLater", "unauthorized"] as const)("takes no for an answer: %s", async (refusal) => {
  const refusing = source(async () => refusal);
  const der = encodeRequest([...certIDs, ...certIDs], undefined);
  const several = await refusing.answer(der, NOW, client);
  expect(several).toBe(refusal === "tryLater" ? "noLiveAnswer" : "unknownCertificate");
});
