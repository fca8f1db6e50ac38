import { once } from "node:events";
import { type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MOST_STREAMS } from "../../src/responder/limits.ts";
import { until } from "../support/until.ts";
import { type Asked, LANES, type Matrix, startMatrix } from "./lane-matrix.ts";
import { bareHandler, startPublicServer } from "./lane-servers.ts";
import { settle } from "./raw-exchange.ts";

/*
 * What is the same in every lane, in cleartext and over TLS: limits, refusals, and who is taken for the client.
 */

let bare: ReturnType<typeof bareHandler>;
let matrix: Matrix;
let behindProxy: Matrix;
/** Whom the handler was told to answer. */
const clients: string[] = [];

beforeAll(async () => {
  bare = bareHandler();
  const { handler } = bare;
  const answer = handler.ocspPost.bind(handler);
  handler.ocspPost = (body, client) => {
    clients.push(client.address);
    return answer(body, client);
  };
  matrix = await startMatrix(handler);
  behindProxy = await startMatrix(handler, ["127.0.0.0/8", "10.0.0.0/8"]);
});

afterAll(async () => {
  await Promise.all([matrix?.close(), behindProxy?.close()]);
  await bare?.close();
});

const REFUSED: readonly [string, number, Asked][] = [
  ["a path that is nothing's", 404, { path: "/nothing" }],
  ["a method that is none's", 405, { method: "PUT" }],
  ["OPTIONS", 405, { method: "OPTIONS" }],
  ["an Expect that is not known", 417, { method: "POST", fields: { expect: "foo" }, body: "x" }],
  ["a body of 10,001 octets", 413, { method: "POST", body: Buffer.alloc(10_001) }],
  ["a request line over 8 KiB", 414, { path: `/${"M".repeat(9_000)}` }],
  ["a head over 16 KiB", 431, { fields: { "x-long": "a".repeat(17_000) } }],
];

describe.each(LANES)("%s", (lane) => {
  it.each(REFUSED)("refuses %s with %i", async (_, status, asked) => {
    const answered = await matrix.ask(lane, asked);
    expect(answered.status).toBe(status);
    expect(answered.headers["cache-control"]).toBe("no-store");
    expect(answered.body.toString()).toMatch(/^[^\n]+\n$/);
    if (status === 405) expect(answered.headers["allow"]).toBe("GET, HEAD, POST");
  });

  it("answers a body of 10,000 octets, HEAD without a body, and a long head that is not too long", async () => {
    const largest = await matrix.ask(lane, { method: "POST", body: Buffer.alloc(10_000) });
    expect([largest.status, largest.body.length]).toEqual([200, 5]);
    const head = await matrix.ask(lane, { method: "HEAD" });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(Number(head.headers["content-length"])).toBeGreaterThan(0);
    const long = await matrix.ask(lane, { fields: { "x-long": "a".repeat(12_000) } });
    expect(long.status).toBe(200);
  });

  it("takes the peer for the client, whatever X-Forwarded-For it sends", async () => {
    clients.length = 0;
    const fields = { "x-forwarded-for": "198.51.100.1" };
    await matrix.ask(lane, { method: "POST", body: "x", fields });
    expect(clients).toContain("127.0.0.1");
    expect(clients).not.toContain("198.51.100.1");
  });

  it("behind a trusted proxy, takes the rightmost address that is no proxy's for the client", async () => {
    clients.length = 0;
    const fields = { "X-Forwarded-For": "192.0.2.9, 198.51.100.1, 10.1.1.1" };
    await behindProxy.ask(lane, { method: "POST", body: "x", fields });
    expect(clients.at(-1)).toBe("198.51.100.1");
    await behindProxy.ask(lane, { method: "POST", body: "x" });
    expect(clients.at(-1)).toBe("127.0.0.1");
  });
});

it(`a session has ${MOST_STREAMS} streams at a time, and one more waits for its turn`, async () => {
  const server = await startPublicServer(bare.handler);
  const client = connectHttp2(`http://127.0.0.1:${server.port}`);
  client.on("error", () => undefined);
  await once(client, "remoteSettings");
  expect(client.remoteSettings.maxConcurrentStreams).toBe(MOST_STREAMS);
  const begin = (): ClientHttp2Stream =>
    client
      .request({ ":method": "POST", ":path": "/" }, { endStream: false })
      .on("error", () => undefined);
  const streams = Array.from({ length: MOST_STREAMS }, begin);
  let isAnswered = false;
  const last = client.request({ ":path": "/" }).on("response", () => {
    isAnswered = true;
  });
  await settle();
  expect(isAnswered).toBe(false);
  streams[0]?.end("x").resume();
  await until(() => isAnswered, { what: "the last one's turn" });
  last.resume();
  client.destroy();
  await server.close();
});
