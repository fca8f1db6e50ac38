const BEGIN = Buffer.from("-----BEGIN ");
const END = Buffer.from("-----END ");
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** One textual encoding (RFC 7468): its label, the number of its BEGIN line, and what it holds. */
export interface PemBlock {
  readonly label: string;
  readonly line: number;
  readonly der: Uint8Array;
}

/** A block that cannot be read; `problem` names the line where it goes wrong. */
export interface BadPemBlock {
  readonly label: string;
  readonly line: number;
  readonly problem: string;
}

/**
 * Walks the blocks of a PEM file one at a time, so that a bundle may be larger than a string can
 * be. Text between blocks is passed over; a bad block is reported and the next one read.
 */
export function* pemBlocks(text: Uint8Array | string): Generator<PemBlock | BadPemBlock> {
  const octets = typeof text === "string" ? Buffer.from(text) : bufferOver(text);
  let line = 1;
  let counted = 0;
  let begin = findBegin(octets, 0);
  while (begin >= 0) {
    const next = findBegin(octets, begin + BEGIN.length);
    line += lineFeeds(octets, counted, begin);
    counted = begin;
    yield readBlock(octets.subarray(begin, next < 0 ? octets.length : next), line);
    begin = next;
  }
}

/** Reads one block from octets that start with its BEGIN line and end before the next one's. */
function readBlock(octets: Buffer, line: number): PemBlock | BadPemBlock {
  const header = endOfLine(octets, 0);
  const label = /^-----BEGIN ([^\r\n]*)-----\s*$/.exec(octets.toString("latin1", 0, header))?.[1];
  if (label === undefined) return { label: "", line, problem: "the BEGIN line has no end dashes" };
  const end = octets.indexOf(END, header);
  if (end < 0) return { label, line, problem: `no END ${label} line follows` };
  const body = octets.toString("latin1", header, end);
  const footer = octets.toString("latin1", end, endOfLine(octets, end)).trimEnd();
  if (footer !== `-----END ${label}-----`) {
    const at = line + lineFeeds(octets, 0, end);
    return { label, line, problem: `line ${at} should be -----END ${label}-----` };
  }
  const base64 = body.replace(/\s+/g, "");
  if (base64 === "") return { label, line, problem: "nothing between BEGIN and END" };
  if (base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return { label, line, der: Buffer.from(base64, "base64") };
  }
  return { label, line, problem: badBase64(body, line) };
}

/** Names the first line that is not base64, or else the last one, where it ends in mid-octet. */
function badBase64(body: string, line: number): string {
  const lines = body.trimEnd().split("\n");
  const last = lines.length - 1;
  const wrong = lines.findIndex((text, index) => {
    const shape = index === last ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/;
    return !shape.test(text.trim());
  });
  if (wrong >= 0) return `line ${line + wrong} is not base64`;
  return `line ${line + last}: the base64 is cut off, its length is no multiple of 4`;
}

function findBegin(octets: Buffer, from: number): number {
  let at = octets.indexOf(BEGIN, from);
  while (at >= 0 && !startsLine(octets, at)) at = octets.indexOf(BEGIN, at + 1);
  return at;
}

function startsLine(octets: Buffer, at: number): boolean {
  const before = octets[at - 1];
  if (at === 0 || before === LINE_FEED || before === CARRIAGE_RETURN) return true;
  return at === BYTE_ORDER_MARK.length && octets.indexOf(BYTE_ORDER_MARK) === 0;
}

function endOfLine(octets: Buffer, from: number): number {
  const at = octets.indexOf(LINE_FEED, from);
  return at < 0 ? octets.length : at;
}

function lineFeeds(octets: Buffer, from: number, to: number): number {
  const span = octets.subarray(from, to);
  let count = 0;
  for (let at = span.indexOf(LINE_FEED); at >= 0; at = span.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function bufferOver(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}
