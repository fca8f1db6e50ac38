/** Where an element's content lies, as its header says. */
export interface ElementSpan {
  readonly start: number;
  /** Of a definite length; `start` of an indefinite one. */
  readonly end: number;
  readonly isMinimal: boolean;
  readonly isIndefinite: boolean;
}

/** The span of the element at `at`, or why it has none within `limit`. */
export function elementSpan(bytes: Uint8Array, at: number, limit: number): ElementSpan | string {
  const tag = bytes[at] as number;
  if ((tag & 0x1f) === 0x1f) return "a tag number above 30";
  if (at + 1 >= limit) return "it ends too early";
  const first = bytes[at + 1] as number;
  if (first === 0x80) return indefinite(tag, at + 2);
  const long = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + long;
  if (start > limit) return "it ends too early";
  const length = long === 0 ? first : bigEndian(bytes, at + 2, start);
  // A length of a hundred octets has become Infinity or NaN by now: neither is within.
  if (!(length <= limit - start)) {
    return `it says that ${length} octets follow, but ${limit - start} are there`;
  }
  const isMinimal = long === 0 || (length >= 0x80 && length >= 256 ** (long - 1));
  return { start, end: start + length, isMinimal, isIndefinite: false };
}

function bigEndian(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

function indefinite(tag: number, start: number): ElementSpan | string {
  if ((tag & 0x20) === 0) return "a length that is not given, on a primitive element";
  return { start, end: start, isMinimal: true, isIndefinite: true };
}

/** Where the content of indefinite length that begins at `start` ends; nothing where it does not. */
export function indefiniteEnd(bytes: Uint8Array, start: number, limit: number): number | undefined {
  let depth = 1;
  for (let at = start; at + 2 <= limit; ) {
    const span = elementSpan(bytes, at, limit);
    if (typeof span === "string") return undefined;
    // Two octets of 00 end a content, and read as an element with tag 0.
    if (bytes[at] === 0) depth--;
    else if (span.isIndefinite) depth++;
    if (depth === 0) return at;
    at = span.end;
  }
  return undefined;
}

/** An octet as messages have it. */
export function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, "0")}`;
}
