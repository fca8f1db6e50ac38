import { describe, expect, it } from "vitest";
import { PlainRequest, type Reading } from "../../src/responder/plain-request.ts";
import { visible } from "./random-head.ts";
import { octets } from "./raw-exchange.ts";

const LONGEST_HEAD = 8_192;

function readingOf(head: string): Reading {
  return new PlainRequest().read(octets(head), 0);
}

/** A head with these fields after a Host. */
function get(...fields: string[]): string {
  return ["GET / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n");
}

function post(...fields: string[]): string {
  return ["POST / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n");
}

/** A head of exactly so many octets before the empty line's end. */
function headOf(length: number): string {
  const head = (filling: string): string => get(`X: ${filling}`);
  return head("a".repeat(length - (head("").length - "\r\n\r\n".length)));
}

describe("a head of the plain shape", () => {
  it("gives method, target, length, conditions and where the body begins", () => {
    const request = new PlainRequest();
    const head = post("Content-Length: 83", 'If-None-Match: "x", "y"', "If-Modified-Since:  then ");
    expect(request.read(octets(`${head}body`), 0)).toBe("plain");
    expect(request.target(octets(head))).toBe("/");
    expect(request).toMatchObject({
      method: "POST",
      keepAlive: true,
      contentLength: 83,
      ifNoneMatch: '"x", "y"',
      ifModifiedSince: "then",
      bodyAt: head.length,
      end: head.length + 83,
    });
  });

  it.each([
    ["GET", get(), true],
    ["HEAD", get().replace("GET", "HEAD"), true],
    ["POST", post("Content-Length: 5"), true],
    ["a length of seven digits", post("Content-Length: 1234567"), true],
    ["a length between blanks", post("Content-Length:  5  "), true],
    ["a length that begins with noughts", post("Content-Length: 0005"), true],
    ["a body of nothing", post("Content-Length: 0"), true],
    ["a GET that says it has no body", get("Content-Length: 0"), true],
    ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", true],
    ["names in any case", "GET / HTTP/1.1\r\nhOST: a\r\ncONNECTION: ClOsE\r\n\r\n", false],
    ["Connection: keep-alive", get("Connection: keep-alive"), true],
    ["Connection: close", get("Connection: close"), false],
    ["an upgrade to h2c", get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"), true],
    ["options beside close", get("Connection: TE, close", "TE: trailers"), false],
    ["options in two fields", get("Connection: TE", "Connection: close"), false],
    ["HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", false],
    ["HTTP/1.0 without any field", "GET / HTTP/1.0\r\n\r\n", false],
    ["HTTP/1.0 that says close", "GET / HTTP/1.0\r\nConnection: close\r\n\r\n", false],
    ["a field without a value", get("X:"), true],
    ["a field's value with every visible octet", get(`X: ${visible()}`), true],
    ["a target with every visible octet", get().replace("/ ", `/${visible()} `), true],
    ["a head as long as may be", headOf(LONGEST_HEAD), true],
  ])("is plain: %s", (_, head, keepAlive) => {
    const request = new PlainRequest();
    expect(request.read(octets(head), 0)).toBe("plain");
    expect(request.keepAlive).toBe(keepAlive);
  });

  it("leaves nothing behind for the next head", () => {
    const request = new PlainRequest();
    const first = post("Content-Length: 5", 'If-None-Match: "x"', "If-Modified-Since: y");
    expect(
      request.read(octets(first.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")), 0),
    ).toBe("plain");
    expect(request.read(octets(get()), 0)).toBe("plain");
    expect(request).toMatchObject({
      method: "GET",
      keepAlive: true,
      connection: undefined,
      contentLength: -1,
      ifNoneMatch: undefined,
      ifModifiedSince: undefined,
      hosts: 1,
    });
  });
});

describe("a head that is somebody else's to judge", () => {
  it.each([
    ["a blank before the colon", get("X : a")],
    ["a tab before the colon", get("X\t: a")],
    ["a folded line", get("X: a", " b")],
    ["a folded line with a tab", get("X: a", "\tb")],
    ["a first field that is folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
    ["a line that ends with LF", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"],
    ["a request line that ends with LF", "GET / HTTP/1.1\nHost: a\r\n\r\n"],
    ["CR within a value", get("X: a\rb")],
    ["CR before the line's end", get("X: a\r")],
    ["NUL in a value", get("X: a\0")],
    ["NUL in a name", get("X\0: a")],
    ["DEL in a value", get("X: \x7f")],
    ["obs-text in a value", get("X: caf\xe9")],
    ["obs-text in a name", get("\xe9: a")],
    ["a tab in a length", post("Content-Length:\t5")],
    ["a tab after an option", get("Connection: close\t")],
    ["an empty name", get(": a")],
    ["a line without a colon", get("X")],
    ["two lengths that are equal", post("Content-Length: 5", "Content-Length: 5")],
    ["two lengths that differ", post("Content-Length: 5", "Content-Length: 6")],
    ["a length with a sign", post("Content-Length: +5")],
    ["a length below nought", post("Content-Length: -5")],
    ["a list of lengths", post("Content-Length: 5, 5")],
    ["an empty length", post("Content-Length:")],
    ["a length of blanks", post("Content-Length:   ")],
    ["a hexadecimal length", post("Content-Length: 0x5")],
    ["a length with a blank within", post("Content-Length: 5 5")],
    ["a length with a fraction", post("Content-Length: 5.0")],
    ["a length of eight digits", post("Content-Length: 12345678")],
    ["POST without a length", post()],
    ["GET with a body", get("Content-Length: 5")],
    ["HEAD with a body", get("Content-Length: 5").replace("GET", "HEAD")],
    ["Transfer-Encoding", post("Transfer-Encoding: chunked")],
    ["TRANSFER-ENCODING", post("TRANSFER-ENCODING: chunked")],
    ["tRANSFER-eNCODING, empty", post("tRANSFER-eNCODING:")],
    ["Content-Length and Transfer-Encoding", post("Content-Length: 5", "Transfer-Encoding: x")],
    ["Transfer-Encoding and Content-Length", post("Transfer-Encoding: x", "Content-Length: 5")],
    ["Expect", post("Content-Length: 5", "Expect: 100-continue")],
    ["Trailer", get("Trailer: X")],
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["two Hosts", get("Host: a")],
    ["two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
    ["HTTP/1.0 that wants to be kept", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
    ["HTTP/1.2", get().replace("1.1", "1.2")],
    ["HTTP/2.0", get().replace("1.1", "2.0")],
    ["HTTP/0.9", get().replace("1.1", "0.9")],
    ["http/1.1", get().replace("HTTP", "http")],
    ["no version", "GET /\r\nHost: a\r\n\r\n"],
    ["a blank after the version", get().replace("1.1", "1.1 ")],
    ["a tab before the version", get().replace(" HTTP", "\tHTTP")],
    ["two blanks before the version", get().replace(" HTTP", "  HTTP")],
    ["a method in lower case", get().replace("GET", "get")],
    ["another method", get().replace("GET", "PUT")],
    ["a longer method", get().replace("GET", "GETS")],
    ["a tab after the method", get().replace("GET ", "GET\t")],
    ["two blanks after the method", get().replace("GET ", "GET  ")],
    ["a blank before the method", ` ${get()}`],
    ["an empty line before the method", `\r\n${get()}`],
    ["an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a target without a slash", get().replace("/ ", "ocsp ")],
    ["a target with an authority", get().replace("/ ", "http://a/ ")],
    ["a target that is a star", get().replace("/ ", "* ")],
    ["NUL in the target", get().replace("/ ", "/\0 ")],
    ["a tab in the target", get().replace("/ ", "/\t ")],
    ["DEL in the target", get().replace("/ ", "/\x7f ")],
    ["obs-text in the target", get().replace("/ ", "/\xe9 ")],
    ["a blank in the target", get().replace("/ ", "/a b ")],
    ["an option that is no token", get("Connection: a b")],
    ["an empty option", get("Connection: upgrade,")],
    ["Connection: keep-alive, close", get("Connection: keep-alive, close")],
    ["Connection: close, close", get("Connection: close, close")],
    ["an empty Connection", get("Connection:")],
    ["two Connections", get("Connection: close", "Connection: close")],
    ["two Connections that differ", get("Connection: close", "Connection: keep-alive")],
    ["Proxy-Connection", get("Proxy-Connection: close")],
    ["two If-None-Match", get('If-None-Match: "a"', 'If-None-Match: "b"')],
    ["two If-Modified-Since", get("If-Modified-Since: a", "If-Modified-Since: b")],
    ["a head one octet too long", headOf(LONGEST_HEAD + 1)],
    ["so much without an end", "GET /".padEnd(LONGEST_HEAD + 4, "a")],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a ClientHello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"],
  ])("is other: %s", (_, head) => {
    expect(readingOf(head)).toBe("other");
  });

  it.each([
    ["LF for a line's end", "GET / HTTP/1.1\nHost: a\n\n"],
    ["another method", "GEZ"],
    ["NUL", "GET / HTTP/1.1\r\nHost: \0"],
    ["obs-text", "GET / HTTP/1.1\r\nHost: \xe9"],
    ["bare CR", "GET / HTTP/1.1\r\nHost: a\rb"],
  ])("is known by its first doubtful octet, without its end: %s", (_, beginning) => {
    expect(readingOf(beginning)).toBe("other");
    expect(readingOf(beginning.slice(0, 2))).toBe("partial");
  });
});

describe("the beginning of a head", () => {
  it.each(["", "G", "P", "POST", "GET ", "GET /", "GET / HTTP/1.1\r", get().slice(0, -1)])(
    "is partial: %j",
    (beginning) => {
      expect(readingOf(beginning)).toBe("partial");
    },
  );

  it("is partial up to the longest head but one octet, and says no more than the whole", () => {
    expect(readingOf(headOf(LONGEST_HEAD).slice(0, -1))).toBe("partial");
    expect(readingOf("GET /".padEnd(LONGEST_HEAD + 3, "a"))).toBe("partial");
  });
});
