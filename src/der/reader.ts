/** The octets are not DER, or not the DER that was expected; the message says where. */
export class DerError extends Error {
  override name = "DerError";
}

/** Identifier octets, X.690 8.1.2; only those that OCSP, CRLs and certificates use. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  ia5String: 0x16,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a constructed context-specific element, as EXPLICIT tags are. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/**
 * A strict DER cursor over octets that a stranger may have sent (X.690 section 10).
 *
 * It allocates nothing for a claimed length, never recurses, and refuses indefinite and
 * non-minimal lengths, tags above 30 and elements that leave their parent. Content is entered with
 * `open` and must be read to its end before `close`: what is left over is an error, not ignored.
 * Every failure is a `DerError` that gives the byte.
 */
export class DerReader {
  readonly bytes: Uint8Array;
  readonly #what: string;
  readonly #base: number;
  #offset: number;
  #limit: number;

  /**
   * Reads `bytes` from `start` up to `end`; `what` names the outermost type in errors, and `base` is how
   * many octets of it come before `bytes`.
   */
  constructor(bytes: Uint8Array, what: string, start = 0, end: number = bytes.length, base = 0) {
    this.bytes = bytes;
    this.#what = what;
    this.#base = base;
    this.#offset = start;
    this.#limit = end;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Where the element that is open ends. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether the element that is open has nothing more in it. */
  get atEnd(): boolean {
    return this.#offset >= this.#limit;
  }

  /** The next identifier octet, or -1 at the end of the open element. */
  peek(): number {
    return this.#offset < this.#limit ? (this.bytes[this.#offset] as number) : -1;
  }

  /** Enters the element with this tag and returns what `close` needs. */
  open(tag: number): number {
    const end = this.#header(tag);
    const outer = this.#limit;
    this.#limit = end;
    return outer;
  }

  /** Leaves the element that `open` entered; it must have been read to its end. */
  close(outer: number): void {
    this.end();
    this.#limit = outer;
  }

  /** Fails when octets are left in the open element. */
  end(): void {
    if (this.#offset !== this.#limit) this.fail("trailing octets");
  }

  /** The content of the next element, which must have this tag. */
  content(tag: number): Uint8Array {
    const end = this.#header(tag);
    const content = this.bytes.subarray(this.#offset, end);
    this.#offset = end;
    return content;
  }

  /** Passes over the next element, which must have this tag; returns where its content begins, which ends at `offset`. */
  pass(tag: number): number {
    const end = this.#header(tag);
    const start = this.#offset;
    this.#offset = end;
    return start;
  }

  /** The next element whole, identifier and length included, whatever it is or with this tag. */
  element(tag: number = this.peek()): Uint8Array {
    const start = this.#offset;
    this.#offset = this.#header(tag);
    return this.bytes.subarray(start, this.#offset);
  }

  /** An OBJECT IDENTIFIER whole: not empty, each number whole and without needless octets (X.690 8.19.2). */
  oid(): Uint8Array {
    const at = this.#offset;
    const content = this.content(Tag.oid);
    let begins = true;
    for (const octet of content) {
      if (begins && octet === 0x80) this.fail("OBJECT IDENTIFIER with needless octets", at);
      begins = octet < 0x80;
    }
    if (content.length === 0 || !begins) this.fail("OBJECT IDENTIFIER cut short", at);
    return this.bytes.subarray(at, this.#offset);
  }

  /** The content octets of an INTEGER, which must be minimal (X.690 8.3.2). */
  integer(tag: number = Tag.integer): Uint8Array {
    return this.bytes.subarray(this.#passInteger(tag), this.#offset);
  }

  #passInteger(tag: number): number {
    const at = this.#offset;
    const start = this.pass(tag);
    const { bytes } = this;
    const length = this.#offset - start;
    if (length === 0) this.fail("empty INTEGER", at);
    if (length > 1 && isRedundant(bytes[start] as number, bytes[start + 1] as number)) {
      this.fail("INTEGER with needless leading octets", at);
    }
    return start;
  }

  /** A small non-negative INTEGER or ENUMERATED, at most 2^31 - 1. */
  smallInteger(tag: number = Tag.integer): number {
    const at = this.#offset;
    const start = this.#passInteger(tag);
    if (this.#offset - start > 4 || (this.bytes[start] as number) > 0x7f) {
      this.fail("INTEGER out of range", at);
    }
    let value = 0;
    for (let i = start; i < this.#offset; i++) value = value * 256 + (this.bytes[i] as number);
    return value;
  }

  /** A BOOLEAN; DER knows 00 and FF only (X.690 11.1). */
  boolean(): boolean {
    const at = this.#offset;
    const content = this.content(Tag.boolean);
    const octet = content[0];
    if (content.length !== 1 || (octet !== 0 && octet !== 0xff)) this.fail("bad BOOLEAN", at);
    return octet === 0xff;
  }

  /** The octets of a BIT STRING without unused bits, as signatures and keys are. */
  bitString(): Uint8Array {
    const at = this.#offset;
    const content = this.content(Tag.bitString);
    if (content[0] !== 0) this.fail("BIT STRING with unused bits", at);
    return content.subarray(1);
  }

  /** Refuses what should have been written in another way and can be taken in one way only; a `ForgivingReader` passes it by. */
  refuse(problem: string, at: number = this.#offset): void {
    this.fail(problem, at);
  }

  /** Raises the error that says what is wrong and at which byte. */
  fail(problem: string, at: number = this.#offset): never {
    throw new DerError(`bad DER in ${this.#what} at byte ${this.#base + at}: ${problem}`);
  }

  #header(tag: number): number {
    const at = this.#offset;
    if (at >= this.#limit) this.fail("ends too early");
    const found = this.bytes[at] as number;
    if (found !== tag) this.fail(`tag ${hex(found)} where ${hex(tag)} was expected`);
    if ((tag & 0x1f) === 0x1f) this.fail("tag number above 30");
    this.#offset = at + 1;
    const length = this.#length(at);
    if (length > this.#limit - this.#offset) this.fail("longer than what contains it", at);
    return this.#offset + length;
  }

  #length(at: number): number {
    if (this.#offset >= this.#limit) this.fail("ends too early");
    const first = this.bytes[this.#offset++] as number;
    if (first < 0x80) return first;
    if (first === 0x80) this.fail("indefinite length", at);
    const count = first & 0x7f;
    if (count > 4) this.fail("length in too many octets", at);
    if (count > this.#limit - this.#offset) this.fail("ends too early", at);
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (this.bytes[this.#offset++] as number);
    if (length < 0x80 || length < 256 ** (count - 1)) this.fail("length not minimal", at);
    return length;
  }
}

function isRedundant(first: number, second: number): boolean {
  return (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80);
}

function hex(octet: number): string {
  return octet < 0 ? "nothing" : `0x${octet.toString(16).padStart(2, "0")}`;
}
