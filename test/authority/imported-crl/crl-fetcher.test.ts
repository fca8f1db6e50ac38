import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CRLFetcher } from "../../../src/authority/imported-crl/crl-fetcher.ts";
import { crlFolder } from "../../../src/config/data-files.ts";
import { type CRLPlan, opensslCRL } from "../../support/openssl-crl.ts";
import { type ImportOffice, openImportOffice } from "./import-office.ts";

const HOUR = 3_600;

let site: ImportOffice;
let fetcher: CRLFetcher;
let server: Server;
let asked: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let start: number;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ca.crl`;
  site = await openImportOffice("crl", { url, every: "2h", validity: "3h" });
  start = Math.floor(Date.now() / 1000);
  site.office.now = start;
  fetcher = new CRLFetcher(site.office.desk, site.importer);
});

afterEach(async () => {
  fetcher.stop();
  await site.renewal.stop();
  await site.office.close();
  server.closeAllConnections();
  server.close();
});

/** The CA's server gives this CRL, and 304 to who has it. */
function serve(plan: CRLPlan): void {
  const der = opensslCRL(site.office.pki, plan);
  const etag = `"${plan.crlNumber}"`;
  answer = (request, response) => {
    const isKnown = request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag }).end(isKnown ? undefined : der);
  };
}

const fail = (): void => {
  answer = (_, response) => response.writeHead(503).end();
};

/** The seconds after `from` at which it asked, of those that were tried, one a minute and one before. */
async function askedAt(from: number, until: number): Promise<number[]> {
  const at: number[] = [];
  for (let now = from; now <= until; now += 30) {
    site.office.now = now;
    const before = asked.length;
    await fetcher.look();
    if (asked.length > before) at.push(now - from);
  }
  return at;
}

const listed = () => site.office.publisher.list(site.office.issuer());

describe("crl.url", () => {
  it("is asked at the start, then every `crl.every`, for what has changed since", async () => {
    serve({ crlNumber: 1, thisUpdate: start - 60, nextUpdate: start + 100 * HOUR });
    expect(await askedAt(start, start + 5 * HOUR)).toEqual([0, 2 * HOUR, 4 * HOUR]);
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"1"', '"1"']);
    serve({ crlNumber: 2, thisUpdate: start, nextUpdate: start + 100 * HOUR });
    expect(await askedAt(start + 5 * HOUR, start + 7 * HOUR)).toEqual([HOUR]);
    expect(listed().map(({ crlNumber }) => crlNumber)).toEqual(["2", "1"]);
  });

  it("is asked again after a failure, with growing pauses up to `crl.every`, and then as before", async () => {
    fail();
    const pauses = [30, 60, 120, 240, 480, 960, 1_920, HOUR, HOUR];
    const times = [0];
    for (const pause of pauses) times.push((times.at(-1) ?? 0) + pause);
    expect(await askedAt(start, start + (times.at(-1) ?? 0))).toEqual(times);
    expect(site.office.errors.at(-1)).toContain("answered 503");
    const next = start + (times.at(-1) ?? 0) + 30;
    serve({ crlNumber: 1, thisUpdate: start, nextUpdate: next + 100 * HOUR });
    expect(await askedAt(next, next + 4 * HOUR)).toEqual([HOUR - 30, 3 * HOUR - 30]);
  });

  it("is asked every five minutes while the CRL in force is about to end, and after its end", async () => {
    serve({ crlNumber: 1, thisUpdate: start, nextUpdate: start + HOUR });
    const lastTenth = HOUR - 360;
    const times = Array.from({ length: 5 }, (_, i) => lastTenth + i * 300);
    expect(await askedAt(start, start + HOUR + 900)).toEqual([0, ...times]);
  });

  it("with a CRL that is refused is asked again soon, and the reason is listed until there is no such CRL any more", async () => {
    serve({ crlNumber: 5, thisUpdate: start - 60, nextUpdate: start + 100 * HOUR });
    await askedAt(start, start);
    serve({ crlNumber: 4, thisUpdate: start, nextUpdate: start + 100 * HOUR });
    expect(await askedAt(start + 2 * HOUR, start + 2 * HOUR + 90)).toEqual([0, 30, 90]);
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual([
      ...[undefined, '"5"', '"5"', '"5"'],
    ]);
    expect(listed()[0]).toMatchObject({ crlNumber: "4", refused: expect.stringMatching(/5/) });
    serve({ crlNumber: 5, thisUpdate: start - 60, nextUpdate: start + 100 * HOUR });
    await askedAt(start + 3 * HOUR, start + 3 * HOUR);
    expect(listed()).toHaveLength(1);
  });

  it("is asked for the whole CRL where the file of the one in force was lost", async () => {
    serve({ crlNumber: 1, thisUpdate: start - 60, nextUpdate: start + 100 * HOUR });
    await fetcher.look();
    const { file = "" } = listed()[0] ?? {};
    const octets = readFileSync(file);
    rmSync(crlFolder(site.office.config.data), { recursive: true });
    site.office.now = start + 2 * HOUR;
    await fetcher.look();
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, undefined]);
    expect(readFileSync(file).equals(octets)).toBe(true);
  });

  it("that does not answer holds up no other look, and is no fault when the authority stops", async () => {
    answer = () => undefined;
    const fetching = fetcher.look();
    await expect.poll(() => asked.length).toBe(1);
    await fetcher.look();
    fetcher.stop();
    await fetching;
    expect(asked).toHaveLength(1);
    expect(site.office.errors).toEqual([]);
  });
});
