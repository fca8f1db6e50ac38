import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import { metrics, processMetrics } from "../../src/observe/metrics.ts";
import { type OCSPRequest, readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { Handler } from "../../src/responder/handler.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import type { StoreReader } from "../../src/store/store.ts";
import { startCapturedSite, vector } from "../support/captured-site.ts";
import { ocspPath } from "../support/ocsp-client.ts";
import type { Site } from "../support/site.ts";
import { until } from "../support/until.ts";
import { type Answered, type Asked, LANES, type Matrix, startMatrix } from "./lane-matrix.ts";
import { startPublicServer } from "./lane-servers.ts";
import { connected, gather, octets, post, settle, statuses } from "./raw-exchange.ts";

/*
 * What becomes of requests that want a live answer when nothing is left of the budget: they wait for a turn of the
 * event loop, which here the test gives.
 */

const NOW = Math.floor(Date.now() / 1000);
/** More than may wait. */
const MANY = 1_010;

let site: Site;
let store: StoreReader;
let handler: Handler;
let matrix: Matrix;
let turns: (() => void)[] = [];
let certIDs: OCSPRequest["certIDs"];

beforeAll(async () => {
  site = await startCapturedSite();
  await site.daemon.stop();
  store = openStoreReader(site.places.data);
  const request = readRequest(vector("synthetic/001-base-sha1-null.der"));
  if (request instanceof Error) throw request;
  certIDs = request.certIDs;
  handler = flooded();
});

afterAll(async () => {
  await store?.close();
  await site?.close();
});

beforeEach(async () => {
  turns = [];
  matrix = await startMatrix(handler);
});

afterEach(() => matrix.close());

/** A handler whose clients have had all live answers that they may; the authority would refuse any. */
function flooded(): Handler {
  const served = new Served(store, site.places.data);
  served.refresh();
  const clock = (): number => NOW;
  const presigned = new OcspSource(store, served);
  const budget = new LiveBudget();
  budget.has = () => false;
  budget.take = () => false;
  const asking = { budget, client: { ask: async () => "tryLater" as const }, turns: ofTest() };
  const live = new LiveSource({ store, served, presigned, clock, ...asking });
  return new Handler(served, { presigned, live }, new RequestTally(), clock);
}

/** Turns that nobody has before the test says so. */
function ofTest(): { readonly waiting: number; wait(take: () => void): void } {
  return {
    wait: (take) => turns.push(take),
    get waiting() {
      return turns.length;
    },
  };
}

/** Gives turns, also to those that come, until there is an answer. */
async function withTurns<T>(answer: Promise<T>): Promise<T> {
  let isThere = false;
  const watched = answer.finally(() => {
    isThere = true;
  });
  while (!isThere) {
    turns.shift()?.();
    await settle();
  }
  return watched;
}

function oneWaits(): Promise<unknown> {
  return until(() => turns.length > 0, { what: "the wait for a turn" });
}

function withNonce(): Buffer {
  return encodeRequest(certIDs, element(0x04, Buffer.alloc(32, 7)));
}

function posting(body: Buffer): Asked {
  return { method: "POST", body };
}

function getting(der: Buffer): Asked {
  return { path: ocspPath(der) };
}

function posted(der: Buffer): string {
  return post([`Content-Length: ${der.length}`], der.toString("latin1"));
}

async function missed(): Promise<number> {
  await processMetrics();
  const { values } = await metrics.liveMissed.get();
  return values.find(({ labels }) => labels.reason === "overBudget")?.value ?? 0;
}

describe.each(LANES)("over its budget, %s", (lane) => {
  it.each([
    ["POST", posting],
    ["GET", getting],
  ])(
    "a %s with a nonce waits for its turn while others are answered, and gets what they get",
    async (_, asking) => {
      const before = await missed();
      let answered: Answered | undefined;
      const asked = matrix.ask(lane, asking(withNonce())).then((answer) => {
        answered = answer;
        return answer;
      });
      await oneWaits();
      const other = await matrix.ask(lane, asking(encodeRequest(certIDs, undefined)));
      expect(answered).toBeUndefined();
      expect(await withTurns(asked)).toEqual(other);
      expect((await missed()) - before).toBe(1);
    },
  );

  it("several CertIDs wait for their turn, and are told to come later", async () => {
    const several = matrix.ask(lane, posting(encodeRequest([...certIDs, ...certIDs], undefined)));
    await oneWaits();
    const { status, headers, body } = await withTurns(several);
    expect([status, headers["cache-control"], body.toString("hex")]).toEqual([
      200,
      "no-store",
      "30030a0103",
    ]);
  });

  it("what waits when the server stops is answered before that ends", async () => {
    const asked = matrix.ask(lane, posting(withNonce()));
    await oneWaits();
    const closing = matrix.close();
    expect((await withTurns(asked)).status).toBe(200);
    await closing;
    matrix = await startMatrix(handler);
  });
});

describe("a connection over its budget", () => {
  let server: Awaited<ReturnType<typeof startPublicServer>>;

  beforeEach(async () => {
    server = await startPublicServer(handler);
  });

  afterEach(() => server.close());

  it("waits for a turn for each request, and has its answers in order", async () => {
    const plain = posted(encodeRequest(certIDs, undefined));
    const several = posted(encodeRequest([...certIDs, ...certIDs], undefined));
    const socket = await connected(server.port);
    const gathered = gather(socket);
    socket.write(octets(posted(withNonce()) + plain + several + plain));
    await oneWaits();
    await settle();
    expect(gathered().received).toBe("");
    turns.shift()?.();
    await oneWaits();
    await until(() => statuses(gathered().received).length === 2, { what: "two answers" });
    turns.shift()?.();
    await until(() => statuses(gathered().received).length === 4, { what: "all answers" });
    const [first, second, third, fourth] = gathered().received.split(/(?=HTTP\/1\.1 200)/);
    expect([first, third === second, fourth]).toEqual([second, false, second]);
    socket.destroy();
  });

  it("may end while it waits", async () => {
    const socket = await connected(server.port);
    socket.write(octets(posted(withNonce())));
    await oneWaits();
    socket.resetAndDestroy();
    await settle();
    turns.shift()?.();
    await settle();
    expect(turns).toEqual([]);
  });

  it("whose requests node:http reads on and on is answered at once where too many wait", async () => {
    const socket = await connected(server.port);
    const gathered = gather(socket);
    const chunked = post(["Transfer-Encoding: chunked"], "0\r\n\r\n");
    socket.write(octets(chunked + getOf(withNonce()).repeat(MANY)));
    await until(() => turns.length >= 1_000, { what: "as many as may wait" });
    await settle();
    expect(turns).toHaveLength(1_000);
    while (turns.length > 0) turns.shift()?.();
    await until(() => statuses(gathered().received).length === MANY + 1, { what: "all answers" });
    socket.destroy();
  });
});

function getOf(der: Buffer): string {
  return `GET ${ocspPath(der)} HTTP/1.1\r\nHost: a\r\n\r\n`;
}
