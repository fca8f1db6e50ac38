import { describe, expect, it } from "vitest";
import { serveBare } from "./lane-servers.ts";
import { exchange, get, octets } from "./raw-exchange.ts";

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

describe("what is answered in words", () => {
  it("CONNECT is 405, with what is allowed", async () => {
    const answer = await answerTo("CONNECT ocsp.example.vn:80 HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    expect(answer).toMatch(/\r\nAllow: GET, HEAD, POST\r\n/);
  });

  it("two Host fields are 400 (RFC 9112 3.2)", async () => {
    const answer = await answerTo(get("/", "Host: b"));
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\nConnection: close$/);
  });
});
