const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Walks the lines of a text without making one string of it: a register of millions is longer than
 * a string can be. Lines end with LF or CRLF; a byte order mark before the first is passed over.
 */
export class TextLines {
  readonly #octets: Buffer;
  #offset: number;
  #line = 0;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    const hasMark = BYTE_ORDER_MARK.every((octet, at) => octets[at] === octet);
    this.#offset = hasMark ? BYTE_ORDER_MARK.length : 0;
  }

  /** The number of the line that `next` gave last, from 1. */
  get line(): number {
    return this.#line;
  }

  /** The next line without its end, or nothing after the last. */
  next(): string | undefined {
    const start = this.#offset;
    if (start >= this.#octets.length) return undefined;
    const found = this.#octets.indexOf(LINE_FEED, start);
    const end = found < 0 ? this.#octets.length : found;
    this.#offset = end + 1;
    this.#line++;
    const hasReturn = end > start && this.#octets[end - 1] === CARRIAGE_RETURN;
    return this.#octets.toString("utf8", start, hasReturn ? end - 1 : end);
  }

  /** Remembers the place after the last line, for `goBack`. */
  place(): { readonly offset: number; readonly line: number } {
    return { offset: this.#offset, line: this.#line };
  }

  /** Goes on reading from a remembered place. */
  goBack(place: { readonly offset: number; readonly line: number }): void {
    this.#offset = place.offset;
    this.#line = place.line;
  }
}
