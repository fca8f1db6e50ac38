import { readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vector, vectorFile } from "../support/captured-site.ts";
import {
  type CapturedHandler,
  type Listening,
  openCapturedHandler,
  startGeneralLane,
  startPublicServer,
} from "./captured-lanes.ts";
import { type Exchange, exchange, statusLines } from "./raw-exchange.ts";

/** A whole request, or what is sent in its place. */
interface Message {
  readonly name: string;
  readonly octets: Buffer;
}

const ONE_BY_ONE = 2_000;
const AT_ONCE = 8;
/** Asks for the connection's end, so that all that came before it is known to be complete. */
const LAST = Buffer.from("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

let captured: CapturedHandler;
let fast: Listening;
let general: Listening;

beforeAll(async () => {
  captured = await openCapturedHandler();
  fast = await startPublicServer(captured.handler);
  general = await startGeneralLane(captured.handler);
});

afterAll(async () => {
  await Promise.all([fast?.close(), general?.close()]);
  await captured?.close();
});

function files(folder: string, ending: string): string[] {
  return readdirSync(vectorFile(folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
}

function post(name: string, body: Buffer): Message {
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
  return { name: `POST of ${name}`, octets: Buffer.concat([Buffer.from(head), body]) };
}

function message(name: string, text: string): Message {
  return { name, octets: Buffer.from(text, "latin1") };
}

const vectors: readonly Message[] = [
  ...[...files("synthetic/http", ".http"), ...files("client-captured", ".req.http")].map(
    (file): Message => ({ name: file, octets: vector(file) }),
  ),
  ...[...files("synthetic", ".der"), ...files("client-captured", ".req.der")].map((file) =>
    post(file, vector(file)),
  ),
];

function get(path: string, ...fields: string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n");
}

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
  message(
    "POST to a CRL",
    post("x", Buffer.from("x")).octets.toString().replace("/ ", "/crl/ca.crl "),
  ),
  message(
    "POST to nothing",
    post("x", Buffer.from("x")).octets.toString().replace("/ ", "/nothing "),
  ),
  message("keep-alive, said", get("/", "Connection: keep-alive")),
  message("an unknown method", get("/").replace("GET", "FOO")),
  message("CONNECT", get("/").replace("GET /", "CONNECT a:80")),
  message("an upgrade to h2c", get("/", "Connection: Upgrade", "Upgrade: h2c")),
  message("a fragment", get("/#M")),
  message("a fragment twice", get("/#M#M?#")),
  message("no slash", get("ca/ca.cer")),
  message("an authority", get("a:80")),
  message("lines that end with LF", get("/").replaceAll("\r\n", "\n")),
  message("a tab for a blank", get("/").replace(" ", "\t")),
  message("an empty line first", `\r\n${get("/")}`),
  message("an empty line between", `${get("/")}\r\n${get("/nothing")}`),
  message("an empty line after a body", `${post("x", Buffer.from("x")).octets}\r\n`),
  message("obs-text", get("/", "X: \xe9")),
  message("NUL", get("/", "X: \0")),
  message("a tab", get("/", "Connection: close\t")),
  message("Proxy-Connection", get("/", "Proxy-Connection: close")),
  message("many fields", get("/ca/ca.cer", ...Array(2_030).fill("a:"), "If-None-Match: *")),
  message("a preface that is none", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
  message("a preface too late", `${get("/")}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`),
  message("a ClientHello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
];

/** Whether the answer to it is the connection's last, so that nothing may follow it. */
function isLast({ octets }: Message): boolean {
  const head = octets.toString("latin1");
  return (
    /\r\nConnection: *close/i.test(head) ||
    (/ HTTP\/1\.0\r\n/.test(head) && !/keep-alive/i.test(head))
  );
}

/** With its end: what leaves the connection open is followed by a request that does not. */
function toTheEnd(sent: Message): Buffer[] {
  return isLast(sent) ? [sent.octets] : [sent.octets, LAST];
}

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
  const { octets } = sent;
  const middle = octets.length >> 1;
  if (isLast(sent))
    return [octets.subarray(0, 9), octets.subarray(9, middle), octets.subarray(middle)];
  return [
    Buffer.concat([octets, octets, octets.subarray(0, middle)]),
    octets.subarray(middle),
    LAST,
  ];
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
      const [inFast, inGeneral] = [
        await exchange(fast.port, pieces),
        await exchange(general.port, pieces),
      ];
      pairs.push({
        name: next.name,
        fast: withoutNodesDate(inFast),
        general: withoutNodesDate(inGeneral),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return pairs;
}

/** Those that differ, by name: where, and what comes there. */
function different(pairs: readonly Pair[]): string[] {
  return pairs.filter((pair) => !isDeepStrictEqual(pair.fast, pair.general)).map(firstDifference);
}

function firstDifference({ name, fast: a, general: b }: Pair): string {
  let at = 0;
  while (at < a.received.length && a.received[at] === b.received[at]) at++;
  const show = ({ received, closed }: Exchange): string => {
    const lines = statusLines(received).map((line) => line.slice(9, 12));
    return `${JSON.stringify(received.slice(at, at + 60))} (${lines}; ${closed ? "closed" : "open"})`;
  };
  return `${name} at ${at}: fast ${show(a)}, general ${show(b)}`;
}

/** node:http answers an Expect that it does not know by itself, and takes the time from the system. */
function withoutNodesDate({ received, closed }: Exchange): Exchange {
  const masked = received.includes(" 417 ")
    ? received.replaceAll(/\r\nDate: [^\r]*/g, "")
    : received;
  return { received: masked, closed };
}

describe.each([
  ["the vectors", vectors],
  ["other messages", others],
])("%s get the same octets in both lanes", (_, messages) => {
  it("in one packet", async () => {
    const pairs = await inBoth(messages, inOnePacket);
    expect(different(pairs)).toEqual([]);
    const open = pairs.filter(({ fast: { closed } }) => !closed).map(({ name }) => name);
    expect(open).toEqual([]);
  });

  it("octet by octet", async () => {
    expect(different(await inBoth(messages, octetByOctet))).toEqual([]);
  });

  it("two in one packet, and a third in two", async () => {
    expect(different(await inBoth(messages, twoAndAHalf))).toEqual([]);
  });
});
