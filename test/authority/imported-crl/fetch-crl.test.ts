import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fetchCRL, type Validators } from "../../../src/authority/imported-crl/fetch-crl.ts";
import { upTo } from "../../../src/authority/imported-crl/receive-crl.ts";
import { removeFolder, tempFolder } from "../../support/temp-folder.ts";

const CRL = Buffer.from("the octets of a CRL");
const ETAG = '"v1"';
const MODIFIED = "Wed, 25 Nov 2026 10:00:00 GMT";

let server: Server;
let folder: string;
let file: string;
let asked: IncomingMessage[];

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  "/crl": (request, response) => {
    const isKnown = request.headers["if-none-match"] === ETAG;
    response.writeHead(isKnown ? 304 : 200, { etag: ETAG, "last-modified": MODIFIED });
    response.end(isKnown ? undefined : CRL);
  },
  "/moved": (_, response) => response.writeHead(302, { location: "/crl" }).end(),
  "/round": (_, response) => response.writeHead(302, { location: "/round" }).end(),
  "/gone": (_, response) => response.writeHead(404).end("nothing here"),
  "/broken": (_, response) => response.writeHead(500).end(),
  "/gzip": (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(CRL)),
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": 1000 }).write(CRL);
    setTimeout(() => response.destroy(), 20);
  },
  "/slow": (_, response) => {
    response.writeHead(200).write(CRL);
  },
};

beforeAll(async () => {
  folder = tempFolder();
  file = join(folder, "fetched");
  server = createServer((request, response) => {
    asked.push(request);
    routes[request.url ?? ""]?.(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  removeFolder(folder);
});

const url = (path: string): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const fetched = (
  path: string,
  known?: Validators,
  stopping = new AbortController().signal,
): Promise<Validators | "unchanged"> => fetchCRL(url(path), file, known, stopping);

describe("a CRL is fetched", () => {
  it("into a file, and the next time only where it has changed", async () => {
    const known = await fetched("/crl");
    expect(known).toEqual({ url: url("/crl"), etag: ETAG, lastModified: MODIFIED });
    expect(readFileSync(file)).toEqual(CRL);
    expect(await fetched("/crl", known as Validators)).toBe("unchanged");
    expect(
      asked.map(({ headers }) => [headers["if-none-match"], headers["if-modified-since"]]),
    ).toEqual([
      [undefined, undefined],
      [ETAG, MODIFIED],
    ]);
    expect(asked[0]?.headers["user-agent"]).toMatch(/^vouch\//);
  });

  it("without conditions where the URL is another than then", async () => {
    const known = { url: "http://elsewhere/", etag: ETAG, lastModified: null };
    expect(await fetched("/crl", known)).toMatchObject({ etag: ETAG });
  });

  it("over a few redirects, and no more", async () => {
    expect(await fetched("/moved")).toMatchObject({ etag: ETAG });
    await expect(fetched("/round")).rejects.toThrow();
    expect(asked.length).toBeLessThan(10);
  });
});

describe("no CRL is", () => {
  it.each([
    ["/gone", /answered 404/],
    ["/broken", /answered 500/],
    ["/gzip", /in gzip, which was not asked for/],
    ["/cut", /./],
  ])("what %s answers", async (path, message) => {
    await expect(fetched(path)).rejects.toThrow(message);
  });

  it("what does not end, once the authority stops", async () => {
    const stopping = new AbortController();
    const fetching = fetched("/slow", undefined, stopping.signal);
    setTimeout(() => stopping.abort(new Error("stopped")), 100);
    await expect(fetching).rejects.toThrow();
  });

  it("what nobody answers", async () => {
    const { signal } = new AbortController();
    await expect(fetchCRL("http://127.0.0.1:9/crl", file, undefined, signal)).rejects.toThrow();
  });
});

describe("a bound on octets", () => {
  it("lets through what is within it, and refuses what goes beyond", async () => {
    async function* pieces(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(60);
      yield Buffer.alloc(40);
    }
    const read = async (most: number): Promise<number> => {
      let size = 0;
      for await (const piece of upTo(most)(pieces())) size += piece.length;
      return size;
    };
    expect(await read(100)).toBe(100);
    await expect(read(99)).rejects.toThrow(/larger than 99 octets/);
    expect(existsSync(file)).toBe(true);
  });
});
