import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlainRequest } from "../../src/responder/plain-request.ts";
import { type NodeRequest, nodeReads } from "./node-reads.ts";
import { anyOctet, head, printable } from "./random-head.ts";
import { get, octets } from "./raw-exchange.ts";

const LONGEST_HEAD = 8_192;

describe("any octets", () => {
  it("are read without a throw, at any place", () => {
    const pieces = fc.array(fc.oneof(head, printable, anyOctet), { maxLength: 6 });
    const request = new PlainRequest();
    fc.assert(
      fc.property(pieces, fc.nat(400), (parts, start) => {
        const all = octets(parts.join(""));
        const reading = request.read(all, Math.min(start, all.length));
        expect(["plain", "partial", "other"]).toContain(reading);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        request.read(Buffer.from(random), 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are read the same wherever they are cut", () => {
    fc.assert(
      fc.property(head, (text) => {
        const whole = new PlainRequest();
        const all = octets(text);
        const reading = whole.read(all, 0);
        const parts = Array.from(all, (_, cut) => new PlainRequest().read(all.subarray(0, cut), 0));
        const heads = reading === "plain" ? parts.slice(0, whole.bodyAt) : [];
        expect(heads.filter((part) => part !== "partial")).toEqual([]);
        // What a part is known to be, all that are longer are too.
        const known = parts.indexOf("other");
        const longer = known < 0 ? [] : [...parts.slice(known), reading];
        expect(longer.filter((part) => part !== "other")).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are read the same wherever they stand, and whatever follows", () => {
    fc.assert(
      fc.property(head, printable, head, (text, before, after) => {
        const alone = new PlainRequest();
        const reading = alone.read(octets(text), 0);
        const among = new PlainRequest();
        const again = among.read(octets(before + text + after), before.length);
        if (reading !== "partial") expect(again).toBe(reading);
        if (reading !== "plain") return;
        expect(sameAs(among, octets(before + text))).toEqual(sameAs(alone, octets(text)));
        expect(among.bodyAt - before.length).toBe(alone.bodyAt);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a connection's next request", () => {
  /** Heads of which some differ in nothing but the request line, as those of one client do. */
  const alike = fc
    .tuple(head, fc.array(fc.constantFrom("GET /a", "GET /", "HEAD /", "POST /"), { minLength: 2 }))
    .map(([text, lines]) => lines.map((line) => text.replace(/^[A-Z]+ [^ ]*/, line)));

  it("is read as if it were the first, whatever was read before", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(alike, fc.array(head))), (groups) => {
        const used = new PlainRequest();
        for (const text of groups.flat()) {
          const fresh = new PlainRequest();
          const reading = fresh.read(octets(text), 0);
          expect(used.read(octets(text), 0)).toBe(reading);
          if (reading !== "plain") continue;
          expect(sameAs(used, octets(text))).toEqual(sameAs(fresh, octets(text)));
          expect(used.bodyAt).toBe(fresh.bodyAt);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What node:http finds in a plain request, its body, and, where the connection is kept, one more. */
function nodeReadsAfter(request: PlainRequest, octetsOfHead: Buffer): Promise<NodeRequest[]> {
  const body = Buffer.alloc(Math.max(0, request.contentLength), "b");
  const next = octets("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return nodeReads(Buffer.concat([octetsOfHead, body, request.keepAlive ? next : octets("")]));
}

describe("whatever is plain", () => {
  it("node:http reads just so: method, target, conditions, body and where the next one begins", async () => {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(head, async (text) => {
        const request = new PlainRequest();
        if (request.read(octets(text), 0) !== "plain") return;
        plain++;
        expect(await nodeReadsAfter(request, octets(text.slice(0, request.bodyAt)))).toEqual(
          sameAs(request, octets(text)),
        );
      }),
      { numRuns: 6_000 },
    );
    // Or it has shown nothing.
    expect(plain).toBeGreaterThan(400);
  });

  it("also where there are more fields than node:http takes by itself", async () => {
    const many = get("/", ...Array.from({ length: 2_030 }, () => "a:"), 'If-None-Match: "x"');
    expect(many.length).toBeLessThan(LONGEST_HEAD);
    const request = new PlainRequest();
    expect(request.read(octets(many), 0)).toBe("plain");
    expect(await nodeReadsAfter(request, octets(many))).toEqual(sameAs(request, octets(many)));
  });
});

const NEXT: NodeRequest = {
  method: "GET",
  target: "/next",
  keepAlive: false,
  body: 0,
  ifNoneMatch: undefined,
  ifModifiedSince: undefined,
};

/** What node:http has to find. */
function sameAs(request: PlainRequest, head: Buffer): NodeRequest[] {
  const { method, keepAlive, ifNoneMatch, ifModifiedSince } = request;
  const body = Math.max(0, request.contentLength);
  const own = {
    method,
    target: request.target(head),
    keepAlive,
    body,
    ifNoneMatch,
    ifModifiedSince,
  };
  return keepAlive ? [own, NEXT] : [own];
}
