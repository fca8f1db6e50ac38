import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { expectBeforeFarewell, serveBare, startPublicServer } from "./lane-servers.ts";
import { connected, gather, get, post, settle, statuses } from "./raw-exchange.ts";

/*
 * The time that connections have, in real time and in each lane; and how the server stops. What waits for
 * the same seconds waits together.
 */

const IN_GENERAL_LANE = post(["Transfer-Encoding: chunked"], "0\r\n\r\n");
const IN_FAST_LANE = get("/");
const TIMEOUT =
  /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*\r\nConnection: close\r\n\r\nthe request did not arrive in time\n?$/;

const server = await serveBare();

/** A connection, what has come over it, and when it was closed. */
interface Watched {
  readonly socket: Socket;
  readonly received: () => string;
  /** Resolves with the seconds from the last that was sent at first to the other side's end. */
  readonly end: () => Promise<number>;
}

/** Connects, and has these requests answered one by one. */
async function connectedAfter(port: number, ...requests: readonly string[]): Promise<Watched> {
  const socket = await connected(port);
  const gathered = gather(socket);
  let began = performance.now();
  for (const request of requests) {
    began = performance.now();
    socket.write(request);
    await settle();
  }
  return {
    socket,
    received: () => gathered().received,
    end: () =>
      new Promise((resolve) => {
        const over = (): void => resolve((performance.now() - began) / 1000);
        if (gathered().closed) over();
        else socket.once("end", over).once("close", over);
      }),
  };
}

/** Sends an octet each second for as long as they are taken. */
async function trickle({ socket }: Watched, text: string): Promise<void> {
  for (const octet of text) {
    if (!socket.writable) return;
    socket.write(octet);
    await sleep(1_000);
  }
}

/** How a connection ended: after how many seconds, and with what after its last answer. */
interface End {
  readonly seconds: number;
  readonly lastWords: string;
}

/** Has these requests answered, and then waits for the end; `slow` comes meanwhile, an octet a second. */
async function endAfter(before: readonly string[], slow: string, first = ""): Promise<End> {
  const watched = await connectedAfter(server.port, ...before);
  const answered = watched.received();
  expect(statuses(answered)).toEqual(before.map(() => 200));
  const ended = watched.end();
  if (first !== "") watched.socket.write(first);
  void trickle(watched, slow);
  const seconds = await ended;
  watched.socket.destroy();
  return { seconds, lastWords: watched.received().slice(answered.length) };
}

/** What is waited for, by name. All wait at once: begun before the first test, and looked at in each. */
const SLOW = {
  "the first in the fast lane": () => endAfter([], IN_FAST_LANE),
  "a later one in the fast lane": () => endAfter([IN_FAST_LANE], IN_FAST_LANE),
  "its body, in the fast lane": () =>
    endAfter([IN_FAST_LANE], "a".repeat(50), post(["Content-Length: 50"], "")),
  "the preface of HTTP/2": () => endAfter([], "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "after one that was handed over": () => endAfter([IN_GENERAL_LANE], IN_FAST_LANE),
} as const;
const IDLE = {
  "in the fast lane": () => endAfter([IN_FAST_LANE], ""),
  "in the general lane": () => endAfter([IN_GENERAL_LANE], ""),
  "in both lanes": () => endAfter([IN_FAST_LANE, IN_GENERAL_LANE], ""),
  "that never said anything": () => endAfter([], ""),
} as const;
const ends = new Map<string, Promise<End>>();

beforeAll(() => {
  for (const [name, begin] of Object.entries({ ...SLOW, ...IDLE })) ends.set(name, begin());
});

describe("a request that comes octet by octet, each second one, gets 408 after 10 s", () => {
  it.each(Object.keys(SLOW))("%s", async (name) => {
    const end = await ends.get(name);
    expect(end?.lastWords).toMatch(TIMEOUT);
    expect(end?.seconds).toBeGreaterThan(8.5);
    expect(end?.seconds).toBeLessThan(28);
  });
});

describe("an idle connection ends after 15 s and a little", () => {
  it.each(Object.keys(IDLE))("%s", async (name) => {
    const end = await ends.get(name);
    expect(end?.lastWords).toBe("");
    expect(end?.seconds).toBeGreaterThan(14.9);
    expect(end?.seconds).toBeLessThan(28);
  });
});

describe("a server that stops", () => {
  it("answers each connection's next request as its last, in either lane", async () => {
    const stopping = await startPublicServer(server.handler);
    const fast = await connectedAfter(stopping.port, IN_FAST_LANE);
    const general = await connectedAfter(stopping.port, IN_GENERAL_LANE);
    const fresh = await connectedAfter(stopping.port);
    const half = await connectedAfter(stopping.port, IN_FAST_LANE.slice(0, 20));
    const stopped = stopping.close();
    const all = [fast, general, fresh, half];
    const ends = all.map(({ end }) => end());
    fast.socket.write(IN_FAST_LANE + IN_FAST_LANE);
    general.socket.write(IN_FAST_LANE);
    fresh.socket.write(IN_GENERAL_LANE);
    half.socket.write(IN_FAST_LANE.slice(20));
    await expectBeforeFarewell(Promise.all(ends));
    const last = all.map(({ received }) =>
      received()
        .split(/(?=HTTP\/1\.1 )/)
        .at(-1),
    );
    for (const answer of last) {
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer).toContain("\r\nConnection: close\r\n");
    }
    expect(all.map(({ received }) => statuses(received()).length)).toEqual([2, 2, 1, 1]);
    // Nobody is left to wait for.
    for (const { socket } of all) socket.destroy();
    await expectBeforeFarewell(stopped);
  });

  it("gives idle and slow connections 4 s, in either lane", async () => {
    const stopping = await startPublicServer(server.handler);
    const all = await Promise.all([
      connectedAfter(stopping.port),
      connectedAfter(stopping.port, IN_FAST_LANE),
      connectedAfter(stopping.port, IN_GENERAL_LANE),
      connectedAfter(stopping.port, IN_FAST_LANE.slice(0, 20)),
      connectedAfter(stopping.port, IN_GENERAL_LANE.slice(0, -5)),
    ]);
    const began = performance.now();
    const ends = all.map(({ end }) => end());
    await stopping.close();
    await Promise.all(ends);
    // Less than any of them may take otherwise.
    expect(performance.now() - began).toBeLessThan(8_500);
    for (const { socket } of all) socket.destroy();
  });

  it("accepts no more", async () => {
    const stopping = await startPublicServer(server.handler);
    await stopping.close();
    await expect(connected(stopping.port)).rejects.toThrow("ECONNREFUSED");
  });
});
