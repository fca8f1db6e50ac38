import type { Dice } from "./dice.ts";

const PREFIXES = ["/", "/", "/", "/ocsp/", "//", "/ocsp//", "///", "", "http://a/", "/%4D", "/ca/"];
const SUFFIXES = ["", "", "", "", "/", "=", "==", "%3D", "?a=b", "#", "%0A", "%0D%0A", " ", "%"];
const LETTERS = [
  "+",
  "/",
  "=",
  "%",
  "%2B",
  "%2f",
  "%",
  "%zz",
  "-",
  "_",
  "\u00ff",
  "\0",
  " ",
  "?",
  ".",
];

/** Paths that ask by GET, almost right (RFC 6960 A.1). */
export function getPath(der: Buffer, dice: Dice): string {
  const base64 = der.toString(dice.oneIn(8) ? "base64url" : "base64");
  let text = dice.oneIn(2) ? base64 : encodeURIComponent(base64);
  if (dice.oneIn(12)) text = encodeURIComponent(text);
  for (let i = dice.oneIn(2) ? dice.below(3) : 0; i > 0; i--) {
    const at = dice.below(text.length + 1);
    const rest = text.slice(at + dice.below(3));
    text = `${text.slice(0, at)}${dice.oneIn(3) ? "" : dice.pick(LETTERS)}${rest}`;
  }
  return `${dice.pick(PREFIXES)}${text}${dice.pick(SUFFIXES)}`;
}

const LINES = [
  "Host: a",
  "Content-Length: 0",
  "Content-Length: 79",
  "Content-Length: 4294967296",
  "Content-Length: 1, 1",
  "Content-Length: -1",
  "Transfer-Encoding: chunked",
  "Connection: close",
  "Connection: keep-alive, upgrade",
  "Expect: 100-continue",
  " folded",
  ": nothing",
  "If-None-Match: *",
  'If-None-Match: "',
  "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
  "X: \u0000",
];
const OCTETS = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x2f, 0x3a, 0x3b, 0x7f, 0x80, 0xff];

/** HTTP messages, almost right: lines are doubled, dropped, put in; octets are changed or cut off. */
export class MessageMutator {
  readonly #seeds: readonly Buffer[];
  readonly #dice: Dice;

  constructor(seeds: readonly Buffer[], dice: Dice) {
    this.#seeds = seeds;
    this.#dice = dice;
  }

  next(): Buffer {
    const dice = this.#dice;
    let message = this.#lines(dice.pick(this.#seeds));
    for (let i = dice.below(3); i > 0; i--) message = this.#spoil(message);
    return message;
  }

  #lines(seed: Buffer): Buffer {
    const dice = this.#dice;
    if (dice.oneIn(3)) return Buffer.from(seed);
    const lines = seed.toString("latin1").split("\r\n");
    const at = dice.below(lines.length);
    const line = lines[at] as string;
    const kind = dice.below(4);
    if (kind === 0) lines.splice(at, 1);
    else if (kind === 1) lines.splice(at, 0, line);
    else if (kind === 2) lines.splice(at + 1, 0, dice.pick(LINES));
    else lines.splice(at, 1, dice.pick(LINES));
    return Buffer.from(lines.join(dice.oneIn(20) ? "\n" : "\r\n"), "latin1");
  }

  #spoil(message: Buffer): Buffer {
    const dice = this.#dice;
    if (message.length === 0) return message;
    const at = dice.below(message.length);
    const kind = dice.below(4);
    if (kind === 0) message[at] = (message[at] as number) ^ (1 << dice.below(8));
    else if (kind === 1) message[at] = dice.pick(OCTETS);
    else if (kind === 2) message[at] = dice.below(256);
    return kind === 3 ? message.subarray(0, at) : message;
  }
}
