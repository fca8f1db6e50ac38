import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpsSources, startOps } from "../../src/observe/ops-server.ts";
import { readinessOf } from "../../src/observe/readiness.ts";
import { freePort } from "../support/free-port.ts";
import { request } from "../support/http-client.ts";

const READY = { issuer: "gov-1", ready: true, reason: null };
const STALE = { issuer: "gov-2", ready: false, reason: "the oldest answer expired 5 s ago" };

let server: Server;
let sources: { -readonly [K in keyof OpsSources]: OpsSources[K] };
const rejected: unknown[] = [];
const note = (reason: unknown): void => {
  rejected.push(reason);
};

beforeEach(async () => {
  process.on("unhandledRejection", note);
  sources = {
    metrics: () => Promise.resolve("# HELP a b\n"),
    readiness: () => Promise.resolve(readinessOf([READY], [])),
  };
  const inTurn: OpsSources = {
    metrics: () => sources.metrics(),
    readiness: () => sources.readiness(),
  };
  server = await startOps({ host: "127.0.0.1", port: await freePort() }, inTurn);
});

afterEach(() => {
  server.close();
  process.off("unhandledRejection", note);
  expect(rejected.splice(0)).toEqual([]);
});

function ask(path: string, method = "GET"): ReturnType<typeof request> {
  const { port } = server.address() as AddressInfo;
  return request(`http://127.0.0.1:${port}${path}`, { method });
}

describe("the operations listener", () => {
  it("/metrics is what the source says, as Prometheus text", async () => {
    const { status, headers, body } = await ask("/metrics");
    expect([status, body.toString()]).toEqual([200, "# HELP a b\n"]);
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it("/healthz is 200 while the process lives", async () => {
    expect((await ask("/healthz")).status).toBe(200);
  });

  it.each([
    ["all are ready", [READY], 200, true],
    ["one is not", [READY, STALE], 503, false],
    ["there is none", [], 200, true],
  ] as const)("/readyz where %s", async (_, issuers, wanted, ready) => {
    sources.readiness = () => Promise.resolve(readinessOf(issuers, []));
    const { status, headers, body } = await ask("/readyz");
    expect([status, JSON.parse(body.toString())]).toEqual([wanted, { ready, issuers }]);
    expect(headers["content-type"]).toBe("application/json");
  });

  it("/readyz tells what to do before it is not ready any more", async () => {
    sources.readiness = () => Promise.resolve(readinessOf([READY], ["renew it"]));
    const { status, body } = await ask("/readyz");
    const wanted = { ready: true, issuers: [READY], warnings: ["renew it"] };
    expect([status, JSON.parse(body.toString())]).toEqual([200, wanted]);
  });

  it.each(["/metrics", "/healthz", "/readyz", "/readyz?verbose"])(
    "HEAD %s has no body",
    async (path) => {
      const { status, body } = await ask(path, "HEAD");
      expect([status, body.length]).toEqual([200, 0]);
    },
  );

  it.each(["POST", "PUT", "DELETE"])("%s is not allowed", async (method) => {
    const { status, headers } = await ask("/metrics", method);
    expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  it("anything else is 404 and says what there is", async () => {
    const { status, body } = await ask("/admin");
    expect([status, body.toString()]).toEqual([404, expect.stringContaining("/readyz")]);
  });

  it.each(["/metrics", "/readyz"])(
    "%s whose source fails is 500, and the process lives on",
    async (path) => {
      const fails = (): Promise<never> => Promise.reject(new Error("planted"));
      sources = { metrics: fails, readiness: fails };
      const { status, body } = await ask(path);
      expect(status).toBe(500);
      expect(body.toString()).not.toContain("planted");
      expect((await ask("/healthz")).status).toBe(200);
    },
  );

  it("cannot have an address that is taken", async () => {
    const { port } = server.address() as AddressInfo;
    await expect(startOps({ host: "127.0.0.1", port }, sources)).rejects.toThrow(
      `ops: 127.0.0.1:${port} is in use by another process`,
    );
  });

  it("lets go of who takes nothing of an answer, and who asks nothing, half of something, and nothing more", async () => {
    sources.metrics = () => Promise.resolve("#".repeat(20_000_000));
    const accepted = once(server, "connection");
    const { port } = server.address() as AddressInfo;
    const client = connect(port, "127.0.0.1").pause();
    client.write("GET /metrics HTTP/1.1\r\nHost: ops\r\n\r\n");
    const [socket] = (await accepted) as [Socket];
    const words = ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: ops\r\n\r\n"];
    await Promise.all([once(socket, "close"), ...words.map(spoken)]);
    client.destroy();
  });
});

/** Says this, and waits until the server ends the connection. */
async function spoken(words: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const socket: Socket = connect(port, "127.0.0.1");
  socket.resume().write(words);
  await once(socket, "close");
}
