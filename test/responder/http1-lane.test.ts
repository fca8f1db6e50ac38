import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { serveBare } from "./lane-servers.ts";
import {
  connected,
  exchange,
  gather,
  get,
  LAST,
  octets,
  post,
  settle,
  statuses,
} from "./raw-exchange.ts";

/*
 * What the fast lane hands over: messages whose length can be read in two ways, bodies that are too large,
 * and clients that want to be told to go on.
 */

const server = await serveBare();

/** A body that would be a request of its own, were the lengths read otherwise. */
const SMUGGLED = get("/smuggled");
const LENGTH = `Content-Length: ${SMUGGLED.length}`;
const CHUNKED = "Transfer-Encoding: chunked";
const size = SMUGGLED.length.toString(16);

describe("what is smuggled in a body never gets an answer of its own", () => {
  it.each([
    ["a length", [LENGTH], SMUGGLED],
    ["a length and chunks", ["Content-Length: 5", CHUNKED], `0\r\n\r\n${SMUGGLED}`],
    ["chunks and a length", [CHUNKED, "Content-Length: 5"], `0\r\n\r\n${SMUGGLED}`],
    ["chunks and a length that holds all", [CHUNKED, LENGTH], SMUGGLED],
    [
      "a length and chunks in other letters",
      [LENGTH, "tRANSFER-eNCODING: ChUnKeD"],
      `0\r\n\r\n${SMUGGLED}`,
    ],
    [
      "a blank before the colon",
      ["Content-Length: 5", "Transfer-Encoding : chunked"],
      `0\r\n\r\n${SMUGGLED}`,
    ],
    [
      "a tab before the value",
      ["Content-Length: 5", "Transfer-Encoding:\tchunked"],
      `0\r\n\r\n${SMUGGLED}`,
    ],
    ["a vertical tab before the value", ["Transfer-Encoding:\vchunked", LENGTH], SMUGGLED],
    ["another coding", ["Transfer-Encoding: xchunked", LENGTH], SMUGGLED],
    ["no coding", ["Transfer-Encoding: identity", LENGTH], SMUGGLED],
    ["an empty coding", ["Transfer-Encoding:", LENGTH], SMUGGLED],
    ["two codings", [CHUNKED, "Transfer-Encoding: identity"], `0\r\n\r\n${SMUGGLED}`],
    ["chunks not last", ["Transfer-Encoding: chunked, identity"], `0\r\n\r\n${SMUGGLED}`],
    ["a folded coding", ["Transfer-Encoding:", " chunked", LENGTH], SMUGGLED],
    ["a coding after LF", [`${LENGTH}\nTransfer-Encoding: chunked`], `0\r\n\r\n${SMUGGLED}`],
    ["a coding after CR", [`${LENGTH}\rTransfer-Encoding: chunked`], `0\r\n\r\n${SMUGGLED}`],
    ["a coding after NUL", [`X: \0\r\n${CHUNKED}`, LENGTH], SMUGGLED],
    ["two lengths", ["Content-Length: 0", LENGTH], SMUGGLED],
    ["two lengths the other way", [LENGTH, "Content-Length: 0"], SMUGGLED],
    ["a list of lengths", [`Content-Length: 0, ${SMUGGLED.length}`], SMUGGLED],
    ["a length with a sign", [`Content-Length: +${SMUGGLED.length}`], SMUGGLED],
    ["a length below nought", ["Content-Length: -1"], SMUGGLED],
    ["a hexadecimal length", ["Content-Length: 0x0"], SMUGGLED],
    ["a folded length", ["Content-Length:", ` ${SMUGGLED.length}`], SMUGGLED],
    ["a chunk's size with a sign", [CHUNKED], `+${size}\r\n${SMUGGLED}\r\n0\r\n\r\n`],
    ["a chunk's size with 0x", [CHUNKED], `0x0\r\n\r\n${SMUGGLED}`],
    ["a chunk's size beyond 64 bits", [CHUNKED], `1${"0".repeat(16)}\r\n\r\n${SMUGGLED}`],
    ["a chunk's size with a blank", [CHUNKED], `0 \r\n\r\n${SMUGGLED}`],
    ["a chunk's size with LF", [CHUNKED], `0\n\n${SMUGGLED}`],
    ["a chunk with LF at its end", [CHUNKED], `1\r\na\n0\r\n\r\n${SMUGGLED}`],
    ["an extension with LF", [CHUNKED], `0;a\nb\r\n\r\n${SMUGGLED}`],
    ["a GET's body", [LENGTH], SMUGGLED, "GET"],
    ["a HEAD's body", [LENGTH], SMUGGLED, "HEAD"],
  ])("%s", async (_, fields, body, method = "POST") => {
    const message = octets(post(fields, body).replace("POST", method));
    for (const pieces of [[message], Array.from(message, (octet) => Buffer.of(octet))]) {
      const { received } = await exchange(server.port, pieces, 300);
      expect(received).not.toContain(" 404 ");
      expect(statuses(received).length).toBeLessThanOrEqual(1);
    }
  });

  it("which is 404 where it stands alone", async () => {
    expect((await exchange(server.port, [octets(SMUGGLED)], 300)).received).toContain(" 404 ");
  });
});

describe("a body that is too large", () => {
  it.each([
    ["by its length", post(["Content-Length: 3000000"], "a".repeat(3_000_000))],
    ["in chunks", post([CHUNKED], `${"2dc6c0"}\r\n${"a".repeat(3_000_000)}\r\n0\r\n\r\n`)],
  ])("%s is 413, which arrives although all of it is sent", async (_, message) => {
    for (let count = 0; count < 5; count++) {
      const { received, closed } = await exchange(server.port, [octets(message)]);
      expect(statuses(received)).toEqual([413]);
      expect(received).toContain("\r\nConnection: close\r\n");
      expect(received.endsWith("octets\n")).toBe(true);
      expect(closed).toBe(true);
    }
  });

  it("is let go where it never comes", async () => {
    const message = post(["Content-Length: 3000000"], "a");
    const { received, closed } = await exchange(server.port, [octets(message)]);
    expect(statuses(received)).toEqual([413]);
    expect(closed).toBe(true);
  });
});

describe("a client that waits for 100 Continue", () => {
  it("is told in its turn, never within the answer to another request", async () => {
    const waiting = post(["Expect: 100-continue", "Content-Length: 3"], "abc");
    const plain = post(["Content-Length: 3"], "abc");
    const answer = (await exchange(server.port, [octets(plain + LAST)])).received.split(
      /(?=HTTP)/,
    )[0];
    const { received } = await exchange(server.port, [octets(waiting.repeat(3)), octets(LAST)]);
    expect(statuses(received)).toEqual([100, 200, 100, 200, 100, 200, 404]);
    const inTurn = `HTTP/1.1 100 Continue\r\n\r\n${answer}`;
    expect(received.startsWith(inTurn.repeat(3))).toBe(true);
  });

  it("is refused at once where the body would be too large", async () => {
    const waiting = post(["Expect: 100-continue", "Content-Length: 10001"], "");
    const { received, closed } = await exchange(server.port, [octets(waiting)]);
    expect(statuses(received)).toEqual([413]);
    expect(closed).toBe(true);
  });
});

describe("a client that ends its side with its last request", () => {
  const late = post([CHUNKED], "1\r\na\r\n0\r\n\r\n");

  it.each([
    ["gets an answer that takes its time", late, [200]],
    ["gets all of them", late + post(["Content-Length: 1"], "a") + late, [200, 200, 200]],
  ])("%s", async (_, message, expected) => {
    const answer = server.handler.ocspPost.bind(server.handler);
    const asked: (() => void)[] = [];
    server.handler.ocspPost = (body, client) =>
      new Promise((resolve) => asked.push(() => resolve(answer(body, client))));
    const socket = await connected(server.port);
    const gathered = gather(socket);
    socket.end(octets(message));
    await until(() => asked.length > 0, { what: "the request" });
    await settle();
    server.handler.ocspPost = answer;
    for (const give of asked) give();
    await until(() => gathered().closed, { what: "the end" });
    expect(statuses(gathered().received)).toEqual(expected);
  });
});
