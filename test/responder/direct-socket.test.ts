import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { directSocket } from "../../src/responder/direct-socket.ts";
import { until } from "../support/until.ts";

let server: Server;

afterEach(() => {
  server?.close();
});

/** A server that gives each connection's socket as `directSocket` makes it. */
async function listening(take: (socket: Socket) => void): Promise<number> {
  server = createServer({ pauseOnConnect: true }, (accepted) => take(directSocket(accepted)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

describe("directSocket", () => {
  it("reads every connection whole, however many read in turn", async () => {
    const received = new Map<number, string>();
    let next = 0;
    const port = await listening((socket) => {
      const number = next++;
      received.set(number, "");
      socket.on("data", (chunk: Buffer) => {
        received.set(number, received.get(number) + chunk.toString("latin1"));
      });
    });
    const clients = await Promise.all(Array.from({ length: 8 }, () => connected(port)));
    const sent = (at: number): string => String(at).repeat(3_000);
    for (let round = 0; round < 20; round++) {
      for (const [at, client] of clients.entries()) client.write(sent(at));
    }
    await until(() => [...received.values()].every((text) => text.length === 60_000), {
      what: "all octets",
    });
    expect([...received.values()].sort()).toEqual(
      clients.map((_, at) => sent(at).repeat(20)).sort(),
    );
    for (const client of clients) client.destroy();
  });

  it("does read into one buffer: node:net is made as it was", async () => {
    const buffers = new Set<ArrayBufferLike>();
    const port = await listening((socket) => {
      socket.on("data", (chunk: Buffer) => buffers.add(chunk.buffer));
    });
    for (let count = 0; count < 3; count++) {
      const client = await connected(port);
      const closed = once(client.resume(), "close");
      client.end("octets");
      await closed;
    }
    expect(buffers.size).toBe(1);
  });

  it("pauses and goes on, and ends when its client does", async () => {
    let text = "";
    let isClosed = false;
    let held: Socket | undefined;
    const port = await listening((socket) => {
      held = socket;
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        socket.pause();
      });
      socket.once("close", () => {
        isClosed = true;
      });
    });
    const client = await connected(port);
    client.write("one");
    await until(() => text === "one", { what: "one" });
    client.end("two");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([text, isClosed]).toEqual(["one", false]);
    held?.resume();
    await until(() => text === "onetwo", { what: "two" });
    held?.resume();
    await until(() => isClosed, { what: "the end" });
  });

  it("is counted: a server that closes waits for it", async () => {
    let held: Socket | undefined;
    const port = await listening((socket) => {
      held = socket;
      socket.on("data", () => undefined);
    });
    const client = await connected(port);
    await until(() => held !== undefined, { what: "the connection" });
    let isClosed = false;
    server.close(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isClosed).toBe(false);
    client.destroy();
    await until(() => isClosed, { what: "the server's end" });
  });

  it("is the accepted socket itself where node:net has another inside", () => {
    const accepted = { resume: () => accepted, _handle: {} } as unknown as Socket;
    expect(directSocket(accepted)).toBe(accepted);
  });
});
