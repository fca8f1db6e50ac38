import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchCRL, type Validators } from "../../../src/authority/imported-crl/fetch-crl.ts";
import { upTo } from "../../../src/authority/imported-crl/receive-crl.ts";
import { freePort } from "../../support/free-port.ts";
import { hasProgram, needs } from "../../support/has-program.ts";
import { removeFolder, tempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

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
  "/3-more": (_, response) => response.writeHead(307, { location: "/2-more" }).end(),
  "/2-more": (_, response) => response.writeHead(301, { location: "/moved" }).end(),
  "/4-more": (_, response) => response.writeHead(302, { location: "/3-more" }).end(),
  "/round": (_, response) => response.writeHead(302, { location: "/round" }).end(),
  "/always-304": (_, response) => response.writeHead(304).end(),
  "/strange-etag": (_, response) =>
    response.writeHead(200, { etag: Buffer.from('"\u0100"').toString("latin1") }).end(CRL),
  "/to-file": (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/gone": (_, response) => response.writeHead(404).end("nothing here"),
  "/broken": (_, response) => response.writeHead(500).end(),
  "/gzip": (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(CRL)),
  "/brotli": (_, response) => response.writeHead(200, { "content-encoding": "br" }).end("..."),
  "/no-gzip": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no"),
  "/bomb": (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(100_000))),
  "/huge": (_, response) => {
    response.writeHead(200, { "content-length": 1e10 }).flushHeaders();
  },
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": 1000 }).write(CRL);
    setTimeout(() => response.destroy(), 20);
  },
  "/slow": (_, response) => {
    response.writeHead(200).write(CRL);
  },
  "/mute": () => undefined,
  "/drip": (_, response) => {
    const dripping = setInterval(() => response.write("."), 20);
    response.on("close", () => clearInterval(dripping));
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
): Promise<Validators | "unchanged"> => fetchCRL({ url: url(path), file, known, stopping });

const { signal: never } = new AbortController();
const LIMITS = { redirects: 3, patienceMs: 10_000, longestMs: 10_000, octets: 1_000 };
/** Fetches with narrower limits than an authority has. */
const limited = (from: string, limits: Partial<typeof LIMITS>): ReturnType<typeof fetchCRL> =>
  fetchCRL({ url: from, file, known: undefined, stopping: never }, { ...LIMITS, ...limits });

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

  it("compressed, where the server has it so", async () => {
    await fetched("/gzip");
    expect(asked[0]?.headers["accept-encoding"]).toBe("gzip");
    expect(readFileSync(file)).toEqual(CRL);
  });

  it("also where what it is called cannot be sent back", async () => {
    const known = await fetched("/strange-etag");
    expect(known).toMatchObject({ etag: null });
    expect(await fetched("/strange-etag", known as Validators)).toMatchObject({ etag: null });
  });

  it("without conditions where the URL is another than then", async () => {
    const known = { url: "http://elsewhere/", etag: ETAG, lastModified: null };
    expect(await fetched("/crl", known)).toMatchObject({ etag: ETAG });
  });

  it("over a few redirects, and no more", async () => {
    expect(await fetched("/moved")).toMatchObject({ etag: ETAG });
    expect(await fetched("/3-more")).toMatchObject({ etag: ETAG });
    asked = [];
    await expect(fetched("/4-more")).rejects.toThrow(/answered 302: after too many redirects/);
    expect(asked.map(({ url: path }) => path)).toEqual([
      ...["/4-more", "/3-more", "/2-more", "/moved"],
    ]);
    await expect(fetched("/round")).rejects.toThrow(/[Rr]edirect/);
  });
});

describe("no CRL is", () => {
  it.each([
    ["/gone", /answered 404/],
    ["/broken", /answered 500/],
    ["/always-304", /answered 304, although nothing was known/],
    ["/to-file", /protocol/i],
    ["/brotli", /in br, which was not asked for/],
    ["/no-gzip", /incorrect header check/],
    ["/huge", /larger than 671088640 octets/],
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

  it.each([
    ["/mute", { patienceMs: 2_000 }, /Headers Timeout/],
    ["/slow", { patienceMs: 2_000 }, /Body Timeout/],
    ["/drip", { longestMs: 500 }, /timeout/],
    ["/drip", { octets: 20 }, /larger than 20 octets/],
    ["/bomb", {}, /larger than 1000 octets/],
    ["/moved", { redirects: 0 }, /answered 302/],
  ])("what goes beyond a limit: %s, %o", async (path, limits, message) => {
    await expect(limited(url(path), limits)).rejects.toThrow(message);
  });

  it("what nobody answers", async () => {
    await expect(limited("http://127.0.0.1:9/crl", {})).rejects.toThrow(/ECONNREFUSED/);
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

describe("through a proxy", () => {
  const VIA = /tinyproxy/;
  let proxy: ChildProcess | undefined;
  const withProxy = needs("tinyproxy", "apt-get install tinyproxy-bin");

  beforeEach(async () => {
    if (!hasProgram("tinyproxy")) return;
    const port = await freePort();
    const configuration = join(folder, "tinyproxy.conf");
    // Most proxies tunnel to port 443 and nowhere else.
    const lines = [`Port ${port}`, "Listen 127.0.0.1", "Timeout 30", "ConnectPort 443"];
    writeFileSync(configuration, lines.join("\n"));
    proxy = spawn("tinyproxy", ["-d", "-c", configuration], { stdio: "ignore" });
    await until(() => canConnect(port), { what: "tinyproxy to listen" });
    vi.stubEnv("http_proxy", `http://127.0.0.1:${port}`);
    vi.stubEnv("no_proxy", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    if (!proxy) return;
    proxy.kill("SIGKILL");
    await once(proxy, "exit");
  });

  withProxy("that the environment names, redirected as well", async () => {
    expect(await fetched("/moved")).toMatchObject({ etag: ETAG });
    expect(readFileSync(file)).toEqual(CRL);
    expect(asked.map(({ headers }) => VIA.test(headers.via ?? ""))).toEqual([true, true]);
  });

  withProxy("but for what no_proxy names", async () => {
    vi.stubEnv("no_proxy", "example.vn,127.0.0.1");
    expect(await fetched("/crl")).toMatchObject({ etag: ETAG });
    expect(asked.map(({ headers }) => headers.via)).toEqual([undefined]);
  });

  withProxy("whose own refusal is not taken for a CRL", async () => {
    await expect(limited("http://127.0.0.1:9/crl", {})).rejects.toThrow(/answered 500/);
  });
});

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect").then(
    () => socket.destroy() && true,
    () => false,
  );
}
