import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import { metrics, processMetrics } from "../../src/observe/metrics.ts";
import { type OCSPRequest, readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { Handler, LARGEST_READY } from "../../src/responder/handler.ts";
import { headText } from "../../src/responder/http-head.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { PlainRequest } from "../../src/responder/plain-request.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import type { StoreReader } from "../../src/store/store.ts";
import { startCapturedSite, vector } from "../support/captured-site.ts";
import type { Site } from "../support/site.ts";
import { octets, post } from "./raw-exchange.ts";
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
function ready(handler: Handler, der: Buffer, client: typeof CLIENT | "unknown" = CLIENT): string {
  const head = octets(post([`Content-Length: ${der.length}`], ""));
  const whole = Buffer.concat([head, der]);
  const request = new PlainRequest();
  expect(request.read(whole, 0)).toBe("plain");
  const out = Buffer.alloc(LARGEST_READY);
  return out.toString("latin1", 0, handler.writeReady(request, whole, out, 0, client));
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
    const written = ready(handler, der);
    if (written !== "") expect(written).toBe(await general(handler, der));
  });

  it("is at hand for a nonce, for several CertIDs and for hashes that are not pre-signed, and counted", async () => {
    const handler = handlerWith(spent());
    const certIDs = baseCertIDs();
    const before = await missed();
    const answer = ready(handler, encodeRequest(certIDs, undefined));
    expect(ready(handler, encodeRequest(certIDs, nonce))).toBe(answer);
    const several = encodeRequest([...certIDs, ...certIDs], undefined);
    expect(ready(handler, several)).toContain("\r\nCache-Control: no-store");
    expect(ready(handler, several)).toBe(await general(handler, several));
    // One nonce, and three times several.
    expect((await missed()) - before).toBe(4);
  });

  it("is not looked for while there is a budget, or while a proxy has not said whose it is", () => {
    const der = encodeRequest(baseCertIDs(), nonce);
    expect(ready(handlerWith(new LiveBudget()), der)).toBe("");
    expect(ready(handlerWith(spent()), der, "unknown")).toBe("");
  });
});
