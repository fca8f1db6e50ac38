import { DerError, DerReader, Tag } from "../der/reader.ts";

/** The most characters that are looked at: no request line that is answered has more. */
const LONGEST = 8192;

/** What an escaped octet means, by the key of its two digits; an octet that is not here is wrong. */
const MEANINGS: ReadonlyMap<number, string> = meanings();

const EQUALS_SIGN = "=".charCodeAt(0);

/**
 * The octets of an OCSP request that came in a GET path (RFC 6960 A.1, RFC 9919 6), or nothing
 * when `encoded` is not base64 that was percent-encoded at most once. It never throws.
 *
 * Clients get this wrong in many ways, and these are understood: letters escaped needlessly or
 * not at all, `+` that became a blank, base64url, padding left out, escaped line breaks, one slash
 * at the end, spare bits that are not 0 (RFC 4648 3.5). Wrong padding, a second layer of escapes
 * and any other octet are not.
 */
export function decodeOcspGet(encoded: string): Buffer | undefined {
  if (encoded.length > LONGEST || !isAscii(encoded)) return undefined;
  const text = unescapeOnce(encoded);
  if (text === undefined) return undefined;
  return text.endsWith("/") ? fromSlashEnded(text) : fromBase64(text);
}

/** Six bits by letter of base64 (RFC 4648 4); 64 for any other octet. */
const SIX_BITS = new Uint8Array(256).fill(64);
for (const [value, letter] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  SIX_BITS[letter.charCodeAt(0)] = value;
}
const PERCENT = "%".charCodeAt(0);

/**
 * The same for what nearly every client sends: base64 with `+`, `/` and `=` escaped or not, and padding
 * that is right. Decodes the octets from `start` to `end` into `into` and returns how many there are, or
 * -1 for anything else, which `decodeOcspGet` judges. `into` has room for three quarters of them.
 */
export function decodePlainGet(
  octets: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): number {
  const lettersEnd = endOfLetters(octets, start, end);
  let written = 0;
  let bits = 0;
  let letters = 0;
  for (let at = start; at < lettersEnd; letters++) {
    const octet = octets[at] as number;
    const six = SIX_BITS[octet === PERCENT ? escapedLetter(octets, at + 1) : octet] as number;
    if (six === 64) return -1;
    at += octet === PERCENT ? 3 : 1;
    bits = (bits << 6) | six;
    if ((letters & 3) !== 0) into[written++] = bits >> (6 - 2 * (letters & 3));
  }
  return ((letters + paddingOf(octets, lettersEnd, end)) & 3) === 0 ? written : -1;
}

/** `+`, `/` and `=` are what is escaped, in two digits that are there; 0 for anything else. */
function escapedLetter(octets: Uint8Array, at: number): number {
  const [high, low] = [octets[at] as number, (octets[at + 1] as number) & 0xdf];
  if (high === 0x32 && low === 0x42) return 0x2b;
  if (high === 0x32 && low === 0x46) return 0x2f;
  return high === 0x33 && low === 0x44 ? EQUALS_SIGN : 0;
}

/** Where the padding begins, at most two of `=`. */
function endOfLetters(octets: Uint8Array, start: number, end: number): number {
  const one = end - equalsBefore(octets, start, end);
  return one === end ? end : one - equalsBefore(octets, start, one);
}

/** How many octets the `=` takes that ends at `at`; 0 where none does. */
function equalsBefore(octets: Uint8Array, start: number, at: number): number {
  if (at > start && octets[at - 1] === EQUALS_SIGN) return 1;
  const isEscaped = at - 3 >= start && octets[at - 3] === PERCENT;
  return isEscaped && escapedLetter(octets, at - 2) === EQUALS_SIGN ? 3 : 0;
}

/** How many `=` there are from `start` to `end`, where there is nothing else. */
function paddingOf(octets: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  return start + (octets[start] === PERCENT ? 3 : 1) === end ? 1 : 2;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function unescapeOnce(encoded: string): string | undefined {
  let text = "";
  let from = 0;
  for (let at = encoded.indexOf("%"); at >= 0; at = encoded.indexOf("%", from)) {
    const meant = MEANINGS.get(keyOf(encoded, at + 1));
    if (meant === undefined) return undefined;
    text += encoded.slice(from, at) + meant;
    from = at + 3;
  }
  return text + encoded.slice(from);
}

/** The slash is base64's last letter, or, where a SEQUENCE is whole without it, the end of a path. */
function fromSlashEnded(text: string): Buffer | undefined {
  const without = fromBase64(text.slice(0, -1));
  return without !== undefined && holdsSequence(without) ? without : fromBase64(text);
}

function holdsSequence(octets: Uint8Array): boolean {
  try {
    new DerReader(octets, "OCSPRequest").element(Tag.sequence);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** RFC 4648 4 or 5, with the right padding or none. */
function fromBase64(text: string): Buffer | undefined {
  let letters = text.length;
  while (letters > 0 && text.charCodeAt(letters - 1) === EQUALS_SIGN) letters--;
  const padding = text.length - letters;
  if (letters % 4 === 1 || padding > 2) return undefined;
  if (padding > 0 && text.length % 4 !== 0) return undefined;
  const octets = Buffer.from(text, "base64");
  // Node skips what is no letter and stops at the first "=", so then there are fewer octets.
  return octets.length === (letters * 3) >> 2 ? octets : undefined;
}

/** The two characters from `at` on as one number; NaN at the end of the text. */
function keyOf(ascii: string, at: number): number {
  return ascii.charCodeAt(at) * 0x80 + ascii.charCodeAt(at + 1);
}

function meanings(): ReadonlyMap<number, string> {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=";
  const table = new Map<number, string>();
  const put = (character: string, meant: string) => {
    const digits = character.charCodeAt(0).toString(16).padStart(2, "0");
    table.set(keyOf(digits, 0), meant).set(keyOf(digits.toUpperCase(), 0), meant);
  };
  for (const letter of letters) put(letter, letter);
  put(" ", "+");
  put("\r", "");
  put("\n", "");
  return table;
}
