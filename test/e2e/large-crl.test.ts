import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest, onlyStatus, postOcsp } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { descendants, openFiles, rssAnon } from "../support/processes.ts";
import { publishOctets } from "../support/publish-octets.ts";
import { type Site, startSite } from "../support/site.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { until } from "../support/until.ts";

const SIZE = 10_000_000;
const CLIENTS = 100;
const PATH = "/crl/gov-1.crl";

let pki: Pki;
let site: Site;
/** A responder alone on the store, as a separate unit runs it. */
let responder: Daemon;
let pid: number;
let httpsPort: number;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  const pair = makeTlsFiles("localhost", pki.folder);
  httpsPort = await freePort();
  const https = { listen: `127.0.0.1:${httpsPort}`, ...pair };
  site = await startSite({ issuers: [{ name: "gov-1", pki }], more: { public: { https } } });
  await site.daemon.stop();
  const args = ["--ops", `127.0.0.1:${site.places.opsPort}`];
  responder = await startDaemon(site.places, { command: "responder", args });
  pid = descendants(responder.pid).at(-1) ?? responder.pid;
});

afterAll(async () => {
  await responder?.stop();
  await site?.close();
});

/** The bodies of many downloads that begin at once, and wait to be read. */
type Crowd = () => Promise<Readable[]>;

async function overHttp1(): Promise<Readable[]> {
  return Array.from({ length: CLIENTS }, () => {
    const socket = connect(site.places.publicPort, "127.0.0.1");
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return socket.pause();
  });
}

/** By TLS, with HTTP/1.1; one handshake after the other, since each may take some seconds only. */
async function overTls(): Promise<Readable[]> {
  const sockets: Readable[] = [];
  while (sockets.length < CLIENTS) {
    const options = { host: "127.0.0.1", port: httpsPort, rejectUnauthorized: false };
    const socket = connectTls({ ...options, ALPNProtocols: ["http/1.1"] });
    await once(socket, "secureConnect");
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    sockets.push(socket.pause());
  }
  return sockets;
}

async function overHttp2(url: string = responder.url): Promise<Readable[]> {
  const sessions: ClientHttp2Session[] = [];
  for (let count = 0; count < CLIENTS / 20; count++) {
    sessions.push(connectHttp2(url, { rejectUnauthorized: false }).setMaxListeners(0));
  }
  const streams = sessions.flatMap((session) =>
    Array.from({ length: 20 }, () => session.request({ ":path": PATH })),
  );
  let left = streams.length;
  for (const stream of streams) {
    stream.once("close", () => {
      left--;
      if (left === 0) for (const session of sessions) session.close();
    });
  }
  return streams;
}

/** Has them ask when none is asking any more, and waits until all have begun. */
async function begun(crowd: Crowd): Promise<Readable[]> {
  await untilUnderWay(0);
  const bodies = await crowd();
  await untilUnderWay(CLIENTS);
  return bodies;
}

/** Takes some of every body, 16 KiB in each of so many steps. */
async function takeSome(bodies: readonly Readable[], steps: number): Promise<Buffer[][]> {
  const taken = bodies.map((): Buffer[] => []);
  for (let step = 0; step < steps; step++) {
    bodies.forEach((body, i) => {
      const piece: Buffer | null = body.read(Math.min(16_384, body.readableLength));
      if (piece) taken[i]?.push(piece);
      else body.read(0);
    });
    await sleep(20);
  }
  return taken;
}

/** Takes the rest of a body; its last SIZE octets, since over HTTP/1.1 the head comes first. */
async function rest(body: Readable, taken: readonly Buffer[]): Promise<Buffer> {
  const pieces = [...taken];
  for await (const piece of body) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).subarray(-SIZE);
}

/** Waits until so many downloads are under way, as the responder's metrics have it. */
async function untilUnderWay(count: number): Promise<void> {
  const ask = async (): Promise<boolean> => {
    const { body } = await request(`${responder.opsUrl}/metrics`);
    return body.toString("utf8").includes(`\nvouch_crl_downloads ${count}\n`);
  };
  await until(ask, { what: `${count} downloads` });
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}

const crowds: [string, Crowd][] = [
  ["HTTP/1.1", overHttp1],
  ["HTTP/2", () => overHttp2()],
  ["TLS", overTls],
  ["HTTP/2 over TLS", () => overHttp2(`https://127.0.0.1:${httpsPort}`)],
];

describe.each(crowds)(`${CLIENTS} slow clients of a CRL of 10 MB, over %s`, (_, crowd) => {
  it("do not grow the responder's memory, and OCSP is answered", async () => {
    await publishOctets(site.places.data, "gov-1", SIZE);
    const before = rssAnon(pid);
    const bodies = await begun(crowd);
    const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
    let most = 0;
    for (let round = 0; round < 10; round++) {
      await takeSome(bodies, 5);
      most = Math.max(most, rssAnon(pid));
      expect(onlyStatus((await postOcsp(responder.url, der)).body).certStatus).toBe("good");
    }
    await untilUnderWay(CLIENTS);
    // Kept by each it would be 1 GB; one piece for each is 3.3 MB, and the connections are not free.
    expect(most - before).toBeLessThan(80_000_000);
    for (const body of bodies) body.on("error", () => undefined).destroy();
  });

  it("get what they began with to its end, also when there is a newer one", async () => {
    const first = await publishOctets(site.places.data, "gov-1", SIZE);
    const bodies = await begun(crowd);
    const taken = await takeSome(bodies, 10);
    const second = await publishOctets(site.places.data, "gov-1", SIZE);
    expect(sha256((await request(responder.url + PATH)).body)).toBe(sha256(second));
    const few = [0, 50, 99];
    const whole = await Promise.all(
      few.map((i) => rest(bodies[i] as Readable, taken[i] as Buffer[])),
    );
    for (const body of whole) expect(sha256(body)).toBe(sha256(first));
    for (const body of bodies) body.on("error", () => undefined).destroy();
    await until(() => openFiles(pid).every(({ path }) => !path.endsWith(".crl")), {
      what: "every CRL file to be closed",
    });
  });
});

it("a client that goes on where it was cut off has the same CRL in the end", async () => {
  const crl = await publishOctets(site.places.data, "gov-1", SIZE);
  const socket = connect(site.places.publicPort, "127.0.0.1");
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const [piece] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  const at = piece.indexOf("\r\n\r\n") + 4;
  const etag = /^etag: (.*)\r$/im.exec(piece.toString("latin1"))?.[1] ?? "";
  const start = piece.subarray(at);
  const headers = { range: `bytes=${start.length}-`, "if-range": etag };
  const more = await request(responder.url + PATH, { headers });
  expect(more.status).toBe(206);
  expect(sha256(Buffer.concat([start, more.body]))).toBe(sha256(crl));
});
