import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, it } from "vitest";
import { MOST_UNANSWERED } from "../../src/responder/limits.ts";
import { type Asking, Unanswered } from "../../src/responder/unanswered.ts";
import { until } from "../support/until.ts";
import { serveCaptured } from "./captured-handler.ts";
import { connected, exchange, gather, get, LAST, octets, statuses } from "./raw-exchange.ts";

/* Requests that node:http reads, and that wait behind a file which their client does not take. */

const { port, publishCRL } = await serveCaptured();
await publishCRL(Buffer.alloc(20_000_000, "c"));
const asking = get("/crl/ca.crl");

/** A client that takes nothing yet; whether the connection was ended is only seen by what is written to it. */
async function idleClient(requests: string): Promise<Socket> {
  const socket = (await connected(port)).on("error", () => undefined);
  socket.pause();
  socket.write(octets(requests));
  return socket;
}

it("are not kept without end: the connection that has the most of them ends, and no other", async () => {
  const greedy = await idleClient(asking.repeat(MOST_UNANSWERED - 10));
  const others: Socket[] = [];
  await until(
    async () => {
      greedy.write(" ");
      if (greedy.destroyed) return true;
      others.push(await idleClient(asking.repeat(4) + LAST));
      return false;
    },
    { what: "the end of the greedy one", every: 500 },
  );
  expect(others.length).toBeGreaterThan(2);
  for (const other of others.slice(-3)) {
    const gathered = gather(other);
    other.resume();
    await until(() => gathered().closed, { what: "all answers" });
    expect(statuses(gathered().received)).toEqual([200, 200, 200, 200, 404]);
  }
  for (const other of others) other.destroy();
});

it("are counted until they are answered, or their connection ends", async () => {
  const unanswered = new Unanswered(3);
  const connections = new Map<Socket, Asking>();
  let kept: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const connection = connections.get(request.socket) as Asking;
    response.statusCode = unanswered.areTooMany ? 503 : 200;
    if (response.statusCode === 200) unanswered.add(connection, response);
    if (request.url === "/kept") kept.push(response);
    else response.end();
  });
  server.keepAliveTimeout = 0;
  server.on("connection", (socket) => {
    const connection = { unanswered: 0 };
    connections.set(socket, connection);
    socket.once("close", () => unanswered.drop(connection));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = (server.address() as AddressInfo).port;
  const keeping = await connected(own);
  keeping.write(get("/kept").repeat(3));
  await until(() => kept.length === 3, { what: "three that wait" });
  expect(statuses((await exchange(own, [octets(LAST)])).received)).toEqual([503]);
  for (const response of kept) response.end();
  await until(() => kept.every(({ writableFinished }) => writableFinished), { what: "their end" });

  const asking = await connected(own);
  const gathered = gather(asking);
  for (let count = 1; count <= 10; count++) {
    asking.write(get("/"));
    await until(() => statuses(gathered().received).length === count, { what: "an answer" });
  }
  expect(statuses(gathered().received)).toEqual(Array(10).fill(200));

  kept = [];
  keeping.write(get("/kept").repeat(3));
  await until(() => kept.length === 3, { what: "three that wait again" });
  const ended = new Promise((resolve) => kept[0]?.req.socket.once("close", resolve));
  keeping.destroy();
  await ended;
  asking.write(get("/").repeat(3) + LAST);
  await until(() => gathered().closed, { what: "the last answers" });
  expect(statuses(gathered().received).slice(10, 13)).toEqual([200, 200, 200]);
  server.close();
});
