import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DownloadLimits, Downloads } from "../../src/responder/downloads.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const SIZE = 8_000_000;
const octets = randomBytes(SIZE);
const whole = { start: 0, end: SIZE };

let folder: string;
let path: string;
let server: Server;
let downloads: Downloads;
/** What each request so far came to. */
let outcomes: string[];
/** The server's ends of the connections, in the order of their requests. */
let sockets: (Socket | null)[];

beforeEach(async () => {
  folder = tempFolder();
  path = join(folder, "1.crl");
  writeFileSync(path, octets);
  outcomes = [];
  sockets = [];
  downloads = new Downloads();
  server = createServer((_, response) => {
    sockets.push(response.socket);
    downloads.begin(path, SIZE, whole).then(
      (download) => {
        outcomes.push(download === "overloaded" ? download : "begun");
        if (download === "overloaded") response.writeHead(503).end();
        else download.sendTo(response);
      },
      (error: Error) => {
        outcomes.push(error.message);
        response.destroy();
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  removeFolder(folder);
});

function limit(limits: Partial<DownloadLimits>): void {
  downloads = new Downloads(limits);
}

/** Asks, and gives the body's octets when all have come or the connection has ended. */
async function download(): Promise<Buffer> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  return Buffer.from(await answer.arrayBuffer());
}

/** A client that asks and then takes nothing. */
async function stalledClient(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  const known = outcomes.length;
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await until(() => outcomes.length > known, { what: "the download's beginning" });
  return socket;
}

/** Waits until no more fits between the server and the client that asked last. */
async function untilFull(): Promise<void> {
  let before = -1;
  const isFull = (): boolean => {
    const { bytesWritten = 0, writableLength = 0 } = sockets.at(-1) ?? {};
    const isSame = bytesWritten === before;
    before = bytesWritten;
    return isSame && writableLength > 0;
  };
  await until(isFull, { what: "the download to stall" });
}

describe("a download", () => {
  it("is the file, for many at once over one descriptor", async () => {
    const stalled = [await stalledClient(), await stalledClient()];
    const all = Promise.all(Array.from({ length: 20 }, download));
    expect([downloads.count, downloads.openFiles]).toEqual([2, 1]);
    for (const body of await all) expect(body.equals(octets)).toBe(true);
    expect([downloads.count, downloads.openFiles]).toEqual([2, 1]);
    for (const socket of stalled) socket.destroy();
    await until(() => downloads.count === 0, { what: "their end" });
    expect(downloads.openFiles).toBe(0);
  });

  it("that has begun goes on to its end when the file loses its name", async () => {
    const stalled = await stalledClient();
    rmSync(path);
    writeFileSync(path, Buffer.alloc(SIZE));
    const chunks: Buffer[] = [];
    stalled.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
    await until(() => downloads.count === 0, { what: "the download's end" });
    await until(() => Buffer.concat(chunks).includes(octets.subarray(-1000)), { what: "its last" });
    stalled.destroy();
  });

  it("ends when its client goes", async () => {
    const stalled = await stalledClient();
    expect(downloads.count).toBe(1);
    stalled.destroy();
    await until(() => downloads.count === 0 && downloads.openFiles === 0, { what: "its end" });
  });

  it("is not begun of a file that is missing, or not whole", async () => {
    truncateSync(path, 1_000_000);
    await expect(download()).rejects.toThrow();
    rmSync(path);
    await expect(download()).rejects.toThrow();
    expect(outcomes[0]).toMatch(/1\.crl has 1000000 octets, and not the 8000000/);
    expect(outcomes[1]).toMatch(/ENOENT/);
    expect(downloads.count + downloads.openFiles).toBe(0);
  });

  it("of a file that is cut off under it ends early, and no octet is made up", async () => {
    const stalled = await stalledClient();
    truncateSync(path, 3_000_000);
    const chunks: Buffer[] = [];
    stalled.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
    await once(stalled, "close");
    const received = Buffer.concat(chunks);
    const body = received.subarray(received.indexOf("\r\n\r\n") + 4);
    // Of this response no length was told, so it is chunked.
    expect(body.length).toBeLessThan(SIZE);
    expect(body.includes(octets.subarray(0, 10_000))).toBe(true);
    expect(body.includes(Buffer.alloc(1_000))).toBe(false);
    expect(downloads.count + downloads.openFiles).toBe(0);
  });
});

describe("a client that takes nothing", () => {
  it("is let go", async () => {
    limit({ stallMs: 100 });
    const stalled = await stalledClient();
    await until(() => downloads.count === 0, { what: "the end of its download" });
    stalled.resume();
    await once(stalled, "close");
  });

  it("holds one piece of the file in memory, and no more", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const stalled = await Promise.all(Array.from({ length: 100 }, stalledClient));
    await until(() => outcomes.length === 100, { what: "100 downloads" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 64 * 1024);
    for (const socket of stalled) socket.destroy();
  });
});

describe("too many downloads", () => {
  it("are refused while the others go on", async () => {
    limit({ most: 2 });
    const stalled = [await stalledClient(), await stalledClient()];
    expect((await download()).length).toBe(0);
    expect(outcomes).toEqual(["begun", "begun", "overloaded"]);
    expect(downloads.refused).toBe(1);
    for (const socket of stalled) socket.destroy();
    await until(() => downloads.count === 0, { what: "room" });
    expect((await download()).equals(octets)).toBe(true);
  });

  it("push out the one that has stalled longest", async () => {
    limit({ most: 2, givesWayMs: 0 });
    const first = await stalledClient();
    await untilFull();
    const second = await stalledClient();
    const closed = once(first, "close");
    const third = await stalledClient();
    first.resume();
    await closed;
    expect(downloads.count).toBe(2);
    for (const socket of [second, third]) socket.destroy();
  });
});
