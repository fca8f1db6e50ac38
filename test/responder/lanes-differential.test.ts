import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CapturedHandler, openCapturedHandler } from "./captured-handler.ts";
import { type Listening, startGeneralLane, startTimelessServer } from "./lane-servers.ts";
import { type Exchange, exchange, get, LAST, octets, post, statuses } from "./raw-exchange.ts";
import { isLast, type Message, message, toTheEnd, vectors } from "./vector-messages.ts";

const ONE_BY_ONE = 2_000;
const AT_ONCE = 8;

let captured: CapturedHandler;
let fast: Listening;
let general: Listening;

beforeAll(async () => {
  captured = await openCapturedHandler();
  fast = await startTimelessServer(captured.handler);
  general = await startGeneralLane(captured.handler);
});

afterAll(async () => {
  await Promise.all([fast?.close(), general?.close()]);
  await captured?.close();
});

const POST = post(["Content-Length: 1"], "x");

/** More that the two lanes might do differently. */
const others: readonly Message[] = [
  message("the CA certificate", get("/ca/ca.cer")),
  message("its head", get("/ca/ca.cer").replace("GET", "HEAD")),
  message("a CRL", get("/crl/ca.crl")),
  message("its head", get("/crl/ca.crl").replace("GET", "HEAD")),
  message("a CRL, if it is another", get("/crl/ca.crl", "If-None-Match: *")),
  message(
    "a CRL, if it is newer",
    get("/crl/ca.crl", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"),
  ),
  message("nothing", get("/nothing")),
  message("nothing, by HEAD", get("/nothing").replace("GET", "HEAD")),
  message("POST to a CRL", POST.replace("/ ", "/crl/ca.crl ")),
  message("POST to nothing", POST.replace("/ ", "/nothing ")),
  message("keep-alive, said", get("/", "Connection: keep-alive")),
  message("an unknown method", get("/").replace("GET", "FOO")),
  message("CONNECT", get("/").replace("GET /", "CONNECT a:80")),
  message("an upgrade to h2c", get("/", "Connection: Upgrade, close", "Upgrade: h2c")),
  message("a fragment", get("/#M")),
  message("a fragment twice", get("/#M#M?#")),
  message("no slash", get("ca/ca.cer")),
  message("an authority", get("a:80")),
  message("lines that end with LF", get("/").replaceAll("\r\n", "\n")),
  message("a tab for a blank", get("/").replace(" ", "\t")),
  message("an empty line first", `\r\n${get("/")}`),
  message("an empty line between", `${get("/")}\r\n${get("/nothing")}`),
  message("an empty line after a body", `${POST}\r\n`),
  message("obs-text", get("/", "X: \xe9")),
  message("NUL", get("/", "X: \0")),
  message("a tab", get("/", "Connection: close\t")),
  message("Proxy-Connection", get("/", "Proxy-Connection: close")),
  message("many fields", get("/ca/ca.cer", ...Array(2_030).fill("a:"), "If-None-Match: *")),
  message("a preface that is none", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
  message("a preface too late", `${get("/")}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`),
  message("a ClientHello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
];

function inOnePacket(sent: Message): Buffer[] {
  return [Buffer.concat(toTheEnd(sent))];
}

function octetByOctet(sent: Message): Buffer[] {
  const all = Buffer.concat(toTheEnd(sent));
  const singles = Array.from(all.subarray(0, ONE_BY_ONE), (octet) => Buffer.of(octet));
  return [...singles, all.subarray(ONE_BY_ONE)];
}

/** Two in one packet, and the third in two; what is a connection's last is cut in three. */
function twoAndAHalf(sent: Message): Buffer[] {
  const middle = sent.octets.length >> 1;
  const [first, second] = [sent.octets.subarray(0, middle), sent.octets.subarray(middle)];
  if (isLast(sent)) return [first.subarray(0, 9), first.subarray(9), second];
  return [Buffer.concat([sent.octets, sent.octets, first]), second, octets(LAST)];
}

/** What a message gets in each lane. */
interface Pair {
  readonly name: string;
  readonly fast: Exchange;
  readonly general: Exchange;
}

async function inBoth(sent: readonly Message[], cut: (sent: Message) => Buffer[]): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const waiting = [...sent];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const pieces = cut(next);
      const [inFast, inGeneral] = await Promise.all([
        exchange(fast.port, pieces),
        exchange(general.port, pieces),
      ]);
      pairs.push({ name: next.name, fast: inFast, general: inGeneral });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return pairs;
}

/** Those that differ, but for those that may: where, and what comes there. */
function different(pairs: readonly Pair[], mayDiffer: readonly string[]): string[] {
  return pairs
    .filter(({ name }) => !mayDiffer.includes(name))
    .filter((pair) => !isDeepStrictEqual(pair.fast, pair.general))
    .map(firstDifference);
}

function firstDifference({ name, fast: a, general: b }: Pair): string {
  let at = 0;
  while (at < a.received.length && a.received[at] === b.received[at]) at++;
  const show = ({ received, closed }: Exchange): string => {
    return `${JSON.stringify(received.slice(at, at + 60))} (${statuses(received)}; ${closed ? "closed" : "open"})`;
  };
  return `${name} at ${at}: fast ${show(a)}, general ${show(b)}`;
}

const SHORT_BODY = "synthetic/http/47-post-short-body-then-close.http";
const LATE_PREFACE = "a preface too late";
const LONG_FIELD = "synthetic/http/58-header-64k.http";

describe.each([
  ["the vectors", vectors],
  ["other messages", others],
])("%s get the same octets in both lanes", (_, messages) => {
  it("in one packet", async () => {
    const pairs = await inBoth(messages, inOnePacket);
    expect(different(pairs, [LATE_PREFACE])).toEqual([]);
    const open = pairs.filter(({ fast: { closed } }) => !closed).map(({ name }) => name);
    expect(open.filter((name) => name !== SHORT_BODY)).toEqual([]);
  });

  it("octet by octet", async () => {
    expect(different(await inBoth(messages, octetByOctet), [])).toEqual([]);
  });

  it("two in one packet, and a third in two", async () => {
    const pairs = await inBoth(messages, twoAndAHalf);
    expect(different(pairs, [LATE_PREFACE, SHORT_BODY, LONG_FIELD])).toEqual([]);
  });
});

it("everything behind each other, over one connection, gets the same octets in both lanes", async () => {
  const all = [...vectors, ...others];
  const alone = await inBoth(all, inOnePacket);
  const last = (await exchange(fast.port, [octets(LAST)])).received;
  const kept = alone.filter(({ fast: { received } }) => received.endsWith(last));
  const names = new Set(kept.map(({ name }) => name));
  const stream = Buffer.concat(all.filter(({ name }) => names.has(name)).map((one) => one.octets));
  const [pair] = await inBoth([{ name: "all", octets: stream }], inOnePacket);
  expect(different(pair ? [pair] : [], [])).toEqual([]);
  expect(statuses(pair?.fast.received ?? "").length).toBeGreaterThan(names.size);
  expect(names.size).toBeGreaterThan(150);
});

describe("what cannot be read", () => {
  it("behind a request in the same packet does not take its answer back", async () => {
    const fault = message("a fault", `${POST}bad\r\n\r\n`);
    for (const sent of [fault, ...others.filter(({ name }) => name === LATE_PREFACE)]) {
      const [pair] = await inBoth([sent], (one) => [one.octets]);
      expect(statuses(pair?.fast.received ?? "")).toEqual([200, 400]);
      expect(statuses(pair?.general.received ?? "")).toEqual([200, 400]);
      expect([pair?.fast.closed, pair?.general.closed]).toEqual([true, true]);
    }
  });

  /** To node:http, octets after the connection's last request are such a fault. */
  it("behind a connection's last request does not either", async () => {
    const last = POST.replace("1.1", "1.0");
    const sent = message("too much", `${last}${get("/nothing")}`);
    const [pair] = await inBoth([sent], (one) => [one.octets]);
    expect(statuses(pair?.fast.received ?? "")).toEqual([200]);
    expect(statuses(pair?.general.received ?? "")).toEqual([200]);
  });

  it("as a head that is far too long, is refused by both, and the refusal arrives", async () => {
    const sent = vectors.filter(({ name }) => name === LONG_FIELD);
    const [pair] = await inBoth(sent, twoAndAHalf);
    expect(pair?.fast.received).toBe(pair?.general.received);
    expect(statuses(pair?.fast.received ?? "")).toEqual([431]);
    expect([pair?.fast.closed, pair?.general.closed]).toEqual([true, true]);
  });
});
