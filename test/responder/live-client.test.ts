import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeFrame, type Frame, FrameReader } from "../../src/ocsp/live-frame.ts";
import { encodeReply, type LiveReply } from "../../src/ocsp/live-reply.ts";
import { LiveClient } from "../../src/responder/live-client.ts";
import { Turns } from "../../src/responder/turns.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

/** Stands in for the authority: keeps what it is asked, and says what the test wants, when it wants. */
class Authority {
  readonly asked: { socket: Socket; frame: Frame }[] = [];
  connections = 0;
  /** In how many pieces it all came. */
  chunks = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => {
      this.connections++;
      const reader = new FrameReader(10_240);
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        this.chunks++;
        for (const frame of reader.read(chunk) ?? []) this.asked.push({ socket, frame });
      });
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  reply(question: number, reply: LiveReply): void {
    const { socket, frame } = this.asked[question] ?? {};
    if (frame) socket?.write(encodeFrame(frame.id, encodeReply(reply)));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

let folder: string;
let path: string;
let authority: Authority;
let client: LiveClient;

beforeEach(async () => {
  folder = tempFolder();
  path = join(folder, "live.sock");
  authority = new Authority();
  client = new LiveClient(path, pino({ level: "silent" }), new Turns());
});

afterEach(async () => {
  vi.useRealTimers();
  client.stop();
  await authority.close();
  removeFolder(folder);
});

async function connected(): Promise<void> {
  client.start();
  await until(() => authority.connections > 0, { what: "a connection" });
}

const question = (number: number): Buffer => Buffer.from(`question ${number}`);
const answer: LiveReply = {
  result: "revoked",
  thisUpdate: 1_800_000_000,
  nextUpdate: 1_800_086_399,
  versions: [7, 0, 2 ** 40],
  der: Buffer.from("an answer"),
};

it("gives each its own reply, in whatever order they come", async () => {
  await authority.listen();
  await connected();
  const replies = [0, 1, 2].map((number) => client.ask(question(number)));
  await until(() => authority.asked.length === 3, { what: "three questions" });
  expect(authority.asked.map(({ frame }) => frame.payload.toString())).toEqual([
    ...["question 0", "question 1", "question 2"],
  ]);
  authority.reply(2, "unauthorized");
  authority.reply(0, answer);
  authority.reply(1, "tryLater");
  expect(await Promise.all(replies)).toEqual([answer, "tryLater", "unauthorized"]);
});

it("says at once that the authority is away, and finds it when it comes, goes and comes again", async () => {
  client.start();
  expect(await client.ask(question(0))).toBe("authorityAway");
  await authority.listen();
  await until(() => authority.connections > 0, { what: "a connection" });
  const lost = client.ask(question(1));
  await until(() => authority.asked.length === 1, { what: "the question" });
  await authority.close();
  expect(await lost).toBe("authorityAway");
  expect(await client.ask(question(2))).toBe("authorityAway");
  authority = new Authority();
  await authority.listen();
  await until(() => authority.connections > 0, { what: "another connection" });
  const found = client.ask(question(3));
  await until(() => authority.asked.length === 1, { what: "the question" });
  authority.reply(0, answer);
  expect(await found).toEqual(answer);
});

/** From now on time stands still for the client, but for what the test lets pass. */
function stopTime(): void {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
}

describe("questions leave together", () => {
  it("where they come soon after others, and at once where they come alone", async () => {
    await authority.listen();
    await connected();
    stopTime();
    const asking = [0, 1, 2].map((number) => client.ask(question(number)));
    await until(() => authority.asked.length === 3, { what: "the first three" });
    asking.push(client.ask(question(3)));
    await nextTurn();
    vi.advanceTimersByTime(11);
    asking.push(client.ask(question(4)));
    await sleep(20);
    expect(authority.asked).toHaveLength(3);
    vi.advanceTimersByTime(1);
    await until(() => authority.asked.length === 5, { what: "the next two" });
    expect(authority.chunks).toBe(2);
    vi.advanceTimersByTime(8);
    asking.push(client.ask(question(5)));
    await until(() => authority.asked.length === 6, { what: "one that comes alone" });
    for (let number = 0; number < 6; number++) authority.reply(number, answer);
    expect(await Promise.all(asking)).toEqual(Array(6).fill(answer));
  });
});

it("keeps nothing for the next connection of what was to leave on the last", async () => {
  await authority.listen();
  await connected();
  const first = client.ask(question(0));
  await until(() => authority.asked.length === 1, { what: "the first" });
  const second = client.ask(question(1));
  authority.asked[0]?.socket.destroy();
  expect(await Promise.all([first, second])).toEqual(["authorityAway", "authorityAway"]);
  await until(() => authority.connections === 2, { what: "another connection" });
  const third = client.ask(question(2));
  await until(() => authority.asked.length === 2, { what: "the third" });
  expect(authority.asked[1]?.frame.payload.toString()).toBe("question 2");
  authority.reply(1, answer);
  expect(await third).toEqual(answer);
});

it("asks 128 at a time, keeps 512 waiting, and turns away the next; none waits longer than 2.5 s", async () => {
  await authority.listen();
  await connected();
  stopTime();
  const replies = Array.from({ length: 128 + 512 }, (_, number) => client.ask(question(number)));
  expect(await client.ask(question(999))).toBe("overloaded");
  await until(() => authority.asked.length === 128, { what: "the first" });
  vi.advanceTimersByTime(100);
  await sleep(50);
  expect(authority.asked).toHaveLength(128);
  authority.reply(5, answer);
  expect(await replies[5]).toEqual(answer);
  await until(() => authority.asked.length === 129, { what: "one more" });
  authority.reply(128, "tryLater");
  expect(await replies[128]).toBe("tryLater");
  vi.advanceTimersByTime(2_400);
  const rest = await Promise.all(replies);
  expect(rest.filter((reply) => reply === "overloaded")).toHaveLength(638);
  // Replies that come too late take nobody's place, and the next is asked again.
  for (let number = 0; number < 129; number++) authority.reply(number, answer);
  const next = client.ask(question(1_000));
  await until(() => authority.asked.at(-1)?.frame.payload.toString() === "question 1000", {
    what: "the next question",
  });
  authority.reply(authority.asked.length - 1, answer);
  expect(await next).toEqual(answer);
});

describe("an authority that does not reply", () => {
  beforeEach(async () => {
    await authority.listen();
    await connected();
    stopTime();
  });

  it("keeps one waiting at a time, who finds out whether it does again, and others not at all", async () => {
    const first = [0, 1].map((number) => client.ask(question(number)));
    await until(() => authority.asked.length === 2, { what: "the first questions" });
    vi.advanceTimersByTime(2_500);
    expect(await Promise.all(first)).toEqual(["overloaded", "overloaded"]);
    const trying = client.ask(question(2));
    expect(await client.ask(question(3))).toBe("authorityAway");
    await until(() => authority.asked.length === 3, { what: "the one that finds out" });
    vi.advanceTimersByTime(2_499);
    expect(await client.ask(question(4))).toBe("authorityAway");
    vi.advanceTimersByTime(1);
    expect(await trying).toBe("overloaded");
    const again = client.ask(question(5));
    expect(await client.ask(question(6))).toBe("authorityAway");
    await until(() => authority.asked.length === 4, { what: "the next one that finds out" });
    authority.reply(3, answer);
    expect(await again).toEqual(answer);
    const all = [7, 8].map((number) => client.ask(question(number)));
    vi.advanceTimersByTime(16);
    await until(() => authority.asked.length === 6, { what: "all questions" });
    for (const number of [4, 5]) authority.reply(number, answer);
    expect(await Promise.all(all)).toEqual([answer, answer]);
  });

  it("to one question is still asked where it replies to others", async () => {
    const [never, soon] = [0, 1].map((number) => client.ask(question(number)));
    await until(() => authority.asked.length === 2, { what: "the first questions" });
    vi.advanceTimersByTime(1_000);
    authority.reply(1, answer);
    expect(await soon).toEqual(answer);
    vi.advanceTimersByTime(1_500);
    expect(await never).toBe("overloaded");
    for (const number of [2, 3]) void client.ask(question(number));
    vi.advanceTimersByTime(16);
    await until(() => authority.asked.length === 4, { what: "all questions" });
  });
});

it.each([
  ["a frame that is too long", Buffer.from("ffffffff00000001", "hex")],
  ["a reply that is none", encodeFrame(1, Buffer.of(9))],
  ["an answer that is cut short", encodeFrame(1, Buffer.of(0, 1, 0))],
  ["an empty reply", encodeFrame(1, Buffer.alloc(0))],
])("gives up a connection on which there is %s, and tries another", async (_, octets) => {
  await authority.listen();
  await connected();
  const lost = client.ask(question(0));
  await until(() => authority.asked.length === 1, { what: "the question" });
  authority.asked[0]?.socket.write(octets);
  expect(await lost).toBe("authorityAway");
  await until(() => authority.connections === 2, { what: "another connection" });
});
