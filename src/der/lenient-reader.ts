import type { Flaw } from "./flaw.ts";
import { elementSpan, hexOctet, indefiniteEnd } from "./lenient-length.ts";
import { oidText } from "./oids.ts";
import { DerError, Tag } from "./reader.ts";
import { element } from "./writer.ts";

const CONSTRUCTED = 0x20;
const END_OF_CONTENTS = 2;
const LONGEST_OID = 64;
/** What has more flaws is not read on: a list of them would help nobody. */
const MOST_FLAWS = 1000;
/** Strings in pieces of pieces; nobody writes them. */
const DEEPEST_PIECES = 4;

/**
 * A cursor over what someone else encoded, to tell what is wrong with it: BER is read, and noted as a
 * flaw with its byte; only what cannot be read at all is thrown as a `DerError`. Not for the request
 * path, where `DerReader` refuses.
 *
 * Nested readers share `flaws`, and count bytes from the first of the outermost.
 */
export class LenientReader {
  readonly flaws: Flaw[];
  readonly #bytes: Uint8Array;
  readonly #what: string;
  /** The place of `#bytes[0]` in the file; nothing where the octets are not one run of it. */
  readonly #base: number | undefined;
  #offset = 0;
  #limit: number;
  #depth = 0;

  constructor(bytes: Uint8Array, what: string, flaws: Flaw[] = [], base: number | undefined = 0) {
    this.#bytes = bytes;
    this.#what = what;
    this.flaws = flaws;
    this.#base = base;
    this.#limit = bytes.length;
  }

  /** Whether the element that is open has nothing more in it. */
  get atEnd(): boolean {
    return this.#offset >= this.#limit;
  }

  /** The next octet's place, as flaws give it. */
  get place(): string {
    return this.#place(this.#offset);
  }

  /** The next identifier octet, or -1 at the end of the open element. */
  peek(): number {
    return this.#offset < this.#limit ? (this.#bytes[this.#offset] as number) : -1;
  }

  /** Reads the inside of the next element, which must have this tag; what is left over is a flaw. */
  inside<Result>(tag: number, read: () => Result): Result {
    const { end, after } = this.#open(tag);
    const outer = this.#limit;
    this.#limit = end;
    const result = read();
    this.end();
    this.#limit = outer;
    this.#offset = after;
    return result;
  }

  /** As `inside`, where the next element has this tag; nothing where it has not. */
  optional<Result>(tag: number, read: () => Result): Result | undefined {
    return this.peek() === tag ? this.inside(tag, read) : undefined;
  }

  /** Every element inside the next one, which must have this tag. */
  list<Item>(tag: number, read: () => Item): Item[] {
    return this.inside(tag, () => {
      const items: Item[] = [];
      while (!this.atEnd) items.push(read());
      return items;
    });
  }

  /** The content of the next element, which must have this tag or be its string in pieces (BER). */
  content(tag: number): Uint8Array {
    if (this.peek() === (tag | CONSTRUCTED) && tag !== (tag | CONSTRUCTED)) {
      this.ber("a string in pieces (constructed)", "X.690 10.2");
      if (++this.#depth > DEEPEST_PIECES) this.fail("a string in pieces, too deep");
      const pieces = this.list(tag | CONSTRUCTED, () => this.content(tag));
      this.#depth--;
      return Buffer.concat(pieces);
    }
    const { end, after } = this.#open(tag);
    const content = this.#bytes.subarray(this.#offset, end);
    this.#offset = after;
    return content;
  }

  /** The next element whole, as it stands. */
  element(tag: number = this.peek()): Uint8Array {
    const start = this.#offset;
    const { after } = this.#open(tag);
    this.#offset = after;
    return this.#bytes.subarray(start, after);
  }

  /** What is left in the open element. */
  rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#offset, this.#limit);
    this.#offset = this.#limit;
    return rest;
  }

  /** The content octets of an INTEGER as they stand; one that is not minimal is a flaw. */
  integer(tag: number = Tag.integer): Uint8Array {
    const place = this.place;
    const content = this.content(tag);
    const [first = -1, second = -1] = content;
    if (content.length === 0) this.#flaw(place, "an INTEGER without octets", "X.690 8.3.1");
    const needless = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
    if (content.length > 1 && needless) {
      this.#flaw(place, "an INTEGER with a needless leading octet", "X.690 8.3.2");
    }
    return content;
  }

  /** A small INTEGER or ENUMERATED; 2^31 for what is negative or larger. */
  smallInteger(tag: number = Tag.integer): number {
    const digits = Buffer.from(this.integer(tag)).toString("hex").replace(/^0+/, "");
    return digits.length > 7 ? 2 ** 31 : Number.parseInt(digits || "0", 16);
  }

  boolean(): boolean {
    const place = this.place;
    const [octet = 0] = this.content(Tag.boolean);
    if (octet !== 0 && octet !== 0xff) {
      this.#flaw(place, `a BOOLEAN of ${hexOctet(octet)}, where TRUE is 0xff`, "X.690 11.1");
    }
    return octet !== 0;
  }

  /** An OBJECT IDENTIFIER in dotted form, or in hexadecimal where it is longer than any in use. */
  oid(): string {
    const place = this.place;
    const content = this.content(Tag.oid);
    if (content.length === 0 || (content.at(-1) as number) > 0x7f) {
      this.#flaw(place, "an OBJECT IDENTIFIER without an end", "X.690 8.19.2");
    }
    if (content.length <= LONGEST_OID) return oidText(element(Tag.oid, content));
    return `#${Buffer.from(content.subarray(0, LONGEST_OID)).toString("hex")}…`;
  }

  /** A BIT STRING's octets; unused bits are a flaw, as no signature and no key has them. */
  bitString(): Uint8Array {
    const place = this.place;
    const content = this.content(Tag.bitString);
    if (content[0] !== 0) this.#flaw(place, "a BIT STRING with unused bits", "X.690 8.6.2");
    return content.subarray(1);
  }

  /** A reader over the inside of a string that was read from here. */
  nested(content: Uint8Array, what: string): LenientReader {
    const offset = content.byteOffset - this.#bytes.byteOffset;
    const isView = content.buffer === this.#bytes.buffer && this.#base !== undefined;
    const base = isView ? (this.#base as number) + offset : undefined;
    return new LenientReader(content, what, this.flaws, base);
  }

  /** Notes octets that are left over in the open element, and passes them by. */
  end(): void {
    if (this.atEnd) return;
    const left = this.#limit - this.#offset;
    this.#flaw(this.place, `${left} more octets than belong in ${this.#what}`, "X.690 8.1");
    this.#offset = this.#limit;
  }

  /** Notes something that BER allows and DER does not, here. */
  ber(problem: string, rule: string): void {
    this.#flaw(this.place, `not DER: ${problem}`, rule);
  }

  /** Notes a flaw of a field. */
  note(flaw: Flaw): void {
    if (this.flaws.push(flaw) > MOST_FLAWS) this.fail("too much is wrong with it");
  }

  /** Gives up: what comes next cannot be read. */
  fail(problem: string): never {
    throw new DerError(`bad ${this.#what} at ${this.place}: ${problem}`);
  }

  #place(offset: number): string {
    return this.#base === undefined ? this.#what : `byte ${this.#base + offset}`;
  }

  #flaw(where: string, problem: string, rule: string): void {
    this.note({ where, problem, rule, weight: "error" });
  }

  #open(tag: number): { end: number; after: number } {
    const found = this.peek();
    if (found < 0) this.fail("it ends too early");
    if (found !== tag) {
      this.fail(`tag ${hexOctet(found)} where ${hexOctet(tag)} was expected`);
    }
    const span = elementSpan(this.#bytes, this.#offset, this.#limit);
    if (typeof span === "string") this.fail(span);
    if (!span.isMinimal) this.ber("a length in more octets than it needs", "X.690 10.1");
    let { end } = span;
    let after = end;
    if (span.isIndefinite) {
      this.ber("a length that is not given (indefinite)", "X.690 10.1");
      const found = indefiniteEnd(this.#bytes, span.start, this.#limit);
      if (found === undefined) this.fail("no end-of-contents octets follow");
      end = found;
      after = found + END_OF_CONTENTS;
    }
    this.#offset = span.start;
    return { end, after };
  }
}
