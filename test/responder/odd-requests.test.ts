import { describe, expect, it } from "vitest";
import { serveBare } from "./lane-servers.ts";
import { exchange, get, octets, post, statuses } from "./raw-exchange.ts";

const server = await serveBare();

/** The status line and fields of the one answer that these pieces get, and that the connection ended. */
async function answerTo(...pieces: readonly string[]): Promise<string> {
  const { received, closed } = await exchange(server.port, pieces.map(octets));
  expect(closed).toBe(true);
  return received.slice(0, received.indexOf("\r\n\r\n"));
}

describe("a request line over 8 KiB gets 414, and the connection ends", () => {
  it.each([8_193, 9_000, 17_000, 60_000])("of %i octets", async (length) => {
    const head = get(`/${"M".repeat(length - "GET / HTTP/1.1".length)}`);
    const answer = await answerTo(head);
    expect(answer).toMatch(/^HTTP\/1\.1 414 URI Too Long\r\n/);
    expect(answer).toMatch(/\r\nConnection: close$/);
    // In pieces, as networks bring it.
    const pieces = head.match(/[\s\S]{1,1448}/g) ?? [];
    expect((await answerTo(...pieces)).split("\r\n")[0]).toBe("HTTP/1.1 414 URI Too Long");
  });

  it("one of 8 KiB does not, whatever its fields take", async () => {
    const line = `/${"M".repeat(8_192 - "GET / HTTP/1.1".length)}`;
    const answer = await answerTo(get(line, `X: ${"x".repeat(4_000)}`, "Connection: close"));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

it("a head that is too large is 431, which arrives although all of it is sent", async () => {
  const head = get("/", `X: ${"x".repeat(1_000_000)}`);
  for (let count = 0; count < 5; count++) {
    const { received, closed } = await exchange(server.port, [octets(head)]);
    expect(statuses(received)).toEqual([431]);
    expect(received.endsWith("too large\n")).toBe(true);
    expect(closed).toBe(true);
  }
});

describe("what is answered in words", () => {
  it("CONNECT is 405, with what is allowed", async () => {
    const answer = await answerTo("CONNECT ocsp.example.vn:80 HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    expect(answer).toMatch(/\r\nAllow: GET, HEAD, POST\r\n/);
  });

  it.each(["FOO", "get", "BREW-TEA", "X!"])("%s is 405, with what is allowed", async (method) => {
    const answer = await answerTo(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    expect(answer).toMatch(/\r\nAllow: GET, HEAD, POST\r\n/);
    expect(answer).toMatch(/\r\nConnection: close$/);
  });

  it.each([
    ["a blank before a colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["two lengths", post(["Content-Length: 1", "Content-Length: 2"], "ab")],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
  ])("%s is 400", async (_, message) => {
    expect(await answerTo(message)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  it("no Host is told so, in the fast lane and behind chunks", async () => {
    const noHost = "GET / HTTP/1.1\r\n\r\n";
    for (const message of [noHost, post(["Transfer-Encoding: chunked"], `0\r\n\r\n${noHost}`)]) {
      const { received, closed } = await exchange(server.port, [octets(message)]);
      expect(statuses(received).at(-1)).toBe(400);
      expect(received).toMatch(/\r\nCache-Control: no-store\r\n.*no Host field\n$/s);
      expect(closed).toBe(true);
    }
  });

  it.each(["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nRange: bytes=0-\r\n\r\n"])(
    "HTTP/1.0 needs no Host: %j",
    async (message) => {
      expect(await answerTo(message)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    },
  );

  it("an answer comes before the refusal of what follows it", async () => {
    const { received } = await exchange(server.port, [
      octets(`${get("/")}GET / HTTP/1.1\r\n?\r\n\r\n`),
    ]);
    expect(statuses(received)).toEqual([200, 400]);
  });

  it("what cannot be read cuts no answer short that is still to be sent", async () => {
    const posted = post(["Transfer-Encoding: chunked"], "1\r\nx\r\n0\r\n\r\n");
    const { received, closed } = await exchange(server.port, [
      octets(`${posted}${get("/")}${get("/nothing")}GET / HTTP/1.1\r\n?\r\n\r\n`),
    ]);
    expect(statuses(received)).toEqual([200, 200, 404, 400]);
    expect(closed).toBe(true);
  });

  it("nor does CONNECT", async () => {
    const posted = post(["Transfer-Encoding: chunked"], "1\r\nx\r\n0\r\n\r\n");
    const { received, closed } = await exchange(server.port, [
      octets(`${posted}${get("/")}CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n`),
    ]);
    expect(statuses(received)).toEqual([200, 200, 405]);
    expect(closed).toBe(true);
  });

  it("nor does what follows a request that is the connection's last", async () => {
    const posted = post(["Transfer-Encoding: chunked"], "1\r\nx\r\n0\r\n\r\n");
    const { received, closed } = await exchange(server.port, [
      octets(`${posted}${get("/")}${get("/nothing", "Connection: close")}${get("/")}`),
    ]);
    expect(statuses(received)).toEqual([200, 200, 404]);
    expect(closed).toBe(true);
  });

  it("two Host fields are 400 (RFC 9112 3.2)", async () => {
    const answer = await answerTo(get("/", "Host: b"));
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\nConnection: close$/);
  });
});

describe("an upgrade that is asked for is passed over (RFC 9110 7.8)", () => {
  const upgrade = [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABk",
  ];

  it("and what came in one packet behind it is answered", async () => {
    const first = post([...upgrade, "Content-Length: 1"], "x");
    const { received, closed } = await exchange(server.port, [
      octets(`${first}${get("/", ...upgrade)}${get("/nothing", "Connection: close")}`),
    ]);
    expect(statuses(received)).toEqual([200, 200, 404]);
    expect(closed).toBe(true);
  });

  it("or, in chunks, the connection ends, so that the client asks again", async () => {
    const first = post([...upgrade, "Transfer-Encoding: chunked"], "1\r\nx\r\n0\r\n\r\n");
    const { received, closed } = await exchange(server.port, [octets(`${first}${get("/")}`)]);
    expect(statuses(received)).toEqual([200]);
    expect(received).toMatch(/\r\nConnection: close\r\n/);
    expect(closed).toBe(true);
  });
});
