import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import { metrics, processMetrics } from "../../src/observe/metrics.ts";
import { type OCSPRequest, readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { FastConnection } from "../../src/responder/fast-lane.ts";
import { Handler, LARGEST_READY } from "../../src/responder/handler.ts";
import { headText } from "../../src/responder/http-head.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { Peer } from "../../src/responder/peer.ts";
import { PlainRequest } from "../../src/responder/plain-request.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import type { StoreReader } from "../../src/store/store.ts";
import { startCapturedSite, vector } from "../support/captured-site.ts";
import type { Site } from "../support/site.ts";
import { until } from "../support/until.ts";
import { startSocketServer } from "./lane-servers.ts";
import { connected, gather, octets, post, settle, statuses } from "./raw-exchange.ts";
import { files } from "./vector-messages.ts";

const NOW = Math.floor(Date.now() / 1000);
const CLIENT = { address: "192.0.2.1" };

let site: Site;
let store: StoreReader;
let served: Served;

beforeAll(async () => {
  site = await startCapturedSite();
  await site.daemon.stop();
  store = openStoreReader(site.places.data);
  served = new Served(store, site.places.data);
  served.refresh();
});

afterAll(async () => {
  await store?.close();
  await site?.close();
});

/** A handler whose clients have asked for as many live answers as they may; the authority would refuse any. */
function handlerWith(budget: LiveBudget): Handler {
  const clock = (): number => NOW;
  const presigned = new OcspSource(store, served);
  const ask = async (): Promise<"tryLater"> => "tryLater";
  const parts = { store, served, presigned, clock, budget, client: { ask } };
  return new Handler(served, { presigned, live: new LiveSource(parts) }, new RequestTally(), clock);
}

function spent(): LiveBudget {
  const budget = new LiveBudget();
  budget.has = () => false;
  budget.take = () => false;
  return budget;
}

/** What the fast lane writes at once, or nothing. */
function ready(handler: Handler, der: Buffer, waited?: typeof CLIENT): string {
  const head = octets(post([`Content-Length: ${der.length}`], ""));
  const whole = Buffer.concat([head, der]);
  const request = new PlainRequest();
  expect(request.read(whole, 0)).toBe("plain");
  const out = Buffer.alloc(LARGEST_READY);
  return out.toString("latin1", 0, handler.writeReady(request, whole, out, 0, waited));
}

/** What the general lanes answer. */
async function general(handler: Handler, der: Buffer): Promise<string> {
  const { status, headers, body } = await handler.ocspPost(der, CLIENT);
  return headText(status, headers, "keep-alive") + (body as Buffer).toString("latin1");
}

function baseCertIDs(): OCSPRequest["certIDs"] {
  const request = readRequest(vector("synthetic/001-base-sha1-null.der"));
  if (request instanceof Error) throw request;
  return request.certIDs;
}

const nonce = element(0x04, Buffer.alloc(32, 7));

async function missed(): Promise<number> {
  await processMetrics();
  const { values } = await metrics.liveMissed.get();
  return values.find(({ labels }) => labels.reason === "overBudget")?.value ?? 0;
}

describe("what stands in for a live answer over budget", () => {
  const requests = [...files("synthetic", ".der"), ...files("client-captured", ".req.der")];

  it.each(requests)("is what the general lanes give, or is left to them: %s", async (file) => {
    const handler = handlerWith(spent());
    const der = vector(file);
    const written = ready(handler, der, CLIENT);
    if (written !== "") expect(written).toBe(await general(handler, der));
  });

  it("is at hand for a nonce, for several CertIDs and for hashes that are not pre-signed, and counted", async () => {
    const handler = handlerWith(spent());
    const certIDs = baseCertIDs();
    const before = await missed();
    const answer = ready(handler, encodeRequest(certIDs, undefined), CLIENT);
    expect(ready(handler, encodeRequest(certIDs, nonce), CLIENT)).toBe(answer);
    const several = encodeRequest([...certIDs, ...certIDs], undefined);
    expect(ready(handler, several, CLIENT)).toContain("\r\nCache-Control: no-store");
    expect(ready(handler, several, CLIENT)).toBe(await general(handler, several));
    // One nonce, and three times several.
    expect((await missed()) - before).toBe(4);
  });

  it("is not looked for while there is a budget, or the client has not waited for its turn", () => {
    const der = encodeRequest(baseCertIDs(), nonce);
    expect(ready(handlerWith(new LiveBudget()), der, CLIENT)).toBe("");
    expect(ready(handlerWith(spent()), der)).toBe("");
  });
});

/** Connections in the fast lane that have no budget left; turns are given by the test. */
async function startFlooded() {
  const turns: (() => void)[] = [];
  const never = (): never => {
    throw new Error("a request was handed over");
  };
  const context = {
    handler: handlerWith(spent()),
    turns: { wait: (take: () => void) => turns.push(take) },
    toHttp1: never,
    toHttp2: never,
    isStopping: () => false,
    tick: () => 0,
  };
  const server = await startSocketServer((socket) => {
    new FastConnection(socket, new Peer(CLIENT.address), context);
  });
  return { ...server, turns };
}

function posted(der: Buffer): string {
  return post([`Content-Length: ${der.length}`], der.toString("latin1"));
}

describe("a connection over its budget", () => {
  it("waits for a turn for each request that is not at hand, while others are answered", async () => {
    const { port, turns, close } = await startFlooded();
    const plain = posted(encodeRequest(baseCertIDs(), undefined));
    const several = posted(encodeRequest([...baseCertIDs(), ...baseCertIDs()], undefined));
    const flooding = await connected(port);
    const gathered = gather(flooding);
    flooding.write(octets(posted(encodeRequest(baseCertIDs(), nonce)) + plain + several + plain));
    await until(() => turns.length > 0, { what: "the wait for a turn" });
    const other = await connected(port);
    const answered = gather(other);
    other.write(octets(plain));
    await until(() => statuses(answered().received).length === 1, { what: "another's answer" });
    expect(gathered().received).toBe("");
    other.destroy();
    turns.shift()?.();
    await until(() => turns.length > 0, { what: "the next turn" });
    await until(() => statuses(gathered().received).length === 2, { what: "two answers" });
    turns.shift()?.();
    await until(() => statuses(gathered().received).length === 4, { what: "all answers" });
    const [first, second, third, fourth] = gathered().received.split(/(?=HTTP\/1\.1 200)/);
    expect([first, third === second, fourth]).toEqual([second, false, second]);
    flooding.destroy();
    await close();
  });

  it("may end while it waits", async () => {
    const { port, turns, close } = await startFlooded();
    const flooding = await connected(port);
    flooding.write(octets(posted(encodeRequest(baseCertIDs(), nonce))));
    await until(() => turns.length > 0, { what: "the wait for a turn" });
    flooding.resetAndDestroy();
    await settle();
    turns.shift()?.();
    await settle();
    expect(turns).toEqual([]);
    await close();
  });
});
