import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { BoundSocket } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { metrics } from "../../src/observe/metrics.ts";
import { PublicServer } from "../../src/responder/public-server.ts";
import { TlsFiles } from "../../src/responder/tls-files.ts";
import { TlsLane } from "../../src/responder/tls-lane.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { serveBare, silentLogger } from "./lane-servers.ts";
import { connected, gather, get, settle, statuses } from "./raw-exchange.ts";

/* As many connections as a process can have, here three. */

const { handler } = await serveBare();
const handle = new BoundSocket({ host: "127.0.0.1", port: 0 });
const { port } = handle.address() as AddressInfo;
const log = silentLogger();
const server = new PublicServer({
  handler,
  log,
  trustedProxies: [],
  tls: undefined,
  mostConnections: 3,
});
await server.listen({ handle });
afterAll(() => server.stop());

async function connect(text: string) {
  const socket = await connected(port);
  const gathered = gather(socket);
  socket.write(text);
  await settle();
  return { socket, gathered };
}

async function turnedAway(reason: string): Promise<number> {
  const { values } = await metrics.connectionsTurnedAway.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

it("of those that are idle the oldest makes room; where all are busy the new one gets 503", async () => {
  const [first, second, third] = [
    await connect(get("/")),
    await connect(get("/")),
    await connect(get("/").slice(0, 20)),
  ];
  const fourth = await connect(get("/"));
  expect(statuses(fourth.gathered().received)).toEqual([200]);
  expect(first.gathered().closed).toBe(true);
  expect([second.gathered().closed, third.gathered().closed]).toEqual([false, false]);
  expect(await turnedAway("idle")).toBe(1);

  for (const { socket } of [second, fourth]) socket.write(get("/").slice(0, 20));
  await settle();
  const fifth = await connect(get("/"));
  expect(statuses(fifth.gathered().received)).toEqual([503]);
  expect(fifth.gathered().closed).toBe(true);
  expect(await turnedAway("full")).toBe(1);
  for (const { socket } of [second, third, fourth]) {
    socket.write(get("/").slice(20));
  }
  await settle();
  for (const { gathered } of [second, third, fourth]) {
    expect(statuses(gathered().received).at(-1)).toBe(200);
  }
  for (const { socket } of [second, third, fourth]) socket.destroy();
});

describe("connections on which nothing has come make room, too", () => {
  it.each([
    ["of a trusted proxy, which may still say for whom they are", "listen"],
    ["before their TLS handshake", "listenTls"],
  ] as const)("%s", async (_, listen) => {
    const files = makeTlsFiles("ocsp.example.vn");
    const bound = new BoundSocket({ host: "127.0.0.1", port: 0 });
    const address = bound.address() as AddressInfo;
    const listening = { host: "127.0.0.1", port: address.port };
    const crowded = new PublicServer({
      handler,
      log,
      trustedProxies: listen === "listen" ? ["127.0.0.1"] : [],
      tls: new TlsLane(new TlsFiles({ ...files, listen: listening }, log)),
      mostConnections: 3,
    });
    await crowded[listen]({ handle: bound });
    const silent = await Promise.all(Array.from({ length: 3 }, () => connected(address.port)));
    const ended = silent.map((socket) => once(socket.resume(), "close"));
    const more = await Promise.all(Array.from({ length: 3 }, () => connected(address.port)));
    await Promise.all(ended);
    expect(more.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
    for (const socket of more) socket.destroy();
    await crowded.stop();
  });
});
