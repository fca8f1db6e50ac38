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
