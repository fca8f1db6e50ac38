import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextTag, DerError, DerReader, Tag } from "../../src/der/reader.ts";
import { element } from "../../src/der/writer.ts";
import {
  anyElement,
  BAD,
  bitString,
  boolean,
  integer,
  octets,
  type Read,
  sequence,
  small,
} from "./bad-der.ts";

function readerOf(hex: string): DerReader {
  return new DerReader(Buffer.from(hex.replaceAll(" ", ""), "hex"), "Sample");
}

function problem(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe("DerReader refuses", () => {
  it.each(BAD)("%s", (_, hex, read, message) => {
    const error = problem(() => read(readerOf(hex)));
    expect(error).toBeInstanceOf(DerError);
    expect((error as DerError).message).toMatch(/^bad DER in Sample at byte \d+: /);
    expect((error as DerError).message).toContain(message);
    expect((error as DerError).name).toBe("DerError");
  });

  it("an element that leaves the end that it was given, though octets follow", () => {
    const reader = new DerReader(Buffer.from("ff04020102ff", "hex"), "Sample", 1, 4);
    expect(() => reader.content(Tag.octetString)).toThrow("at byte 1: longer than what contains");
  });
});

describe("DerReader reads", () => {
  it.each<[string, string, Read, unknown]>([
    ["the smallest small INTEGER", "020100", small, 0],
    ["the largest small INTEGER", "02047fffffff", small, 2 ** 31 - 1],
    ["a small INTEGER with its sign octet", "02020080", small, 128],
    ["an ENUMERATED", "0a0106", (reader) => reader.smallInteger(Tag.enumerated), 6],
    ["FALSE", "010100", boolean, false],
    ["TRUE", "0101ff", boolean, true],
    ["a negative INTEGER as it stands", "0202ff7f", integer, Buffer.from("ff7f", "hex")],
    ["an INTEGER with its sign octet", "02020080", integer, Buffer.from("0080", "hex")],
    ["an empty OCTET STRING", "0400", octets, Buffer.alloc(0)],
    ["a BIT STRING of no bits", "030100", bitString, Buffer.alloc(0)],
    ["a whole element", "300304010a", anyElement, Buffer.from("300304010a", "hex")],
    ["a length of 128", `048180${"ab".repeat(128)}`, octets, Buffer.alloc(128, 0xab)],
    ["a length of 65536", `0483010000${"ab".repeat(65_536)}`, octets, Buffer.alloc(65_536, 0xab)],
  ])("%s", (_, hex, read, value) => {
    const reader = readerOf(hex);
    const found = read(reader);
    expect(found instanceof Uint8Array ? Buffer.from(found) : found).toEqual(value);
    expect(() => reader.end()).not.toThrow();
    expect(reader.atEnd).toBe(true);
  });

  it("from a start to an end, with bytes counted from the very first", () => {
    const reader = new DerReader(Buffer.from("ffff0401aaff", "hex"), "Sample", 2, 5);
    expect(reader.peek()).toBe(Tag.octetString);
    expect(Buffer.from(reader.content(Tag.octetString)).toString("hex")).toBe("aa");
    expect(reader.offset).toBe(5);
    expect(reader.peek()).toBe(-1);
    expect(() => reader.end()).not.toThrow();
  });

  it("views, not copies: nothing is allocated for content", () => {
    const der = Buffer.from("0402abcd", "hex");
    const content = new DerReader(der, "Sample").content(Tag.octetString);
    der[2] = 0;
    expect(content[0]).toBe(0);
  });

  it("siblings in order, entered and left", () => {
    const reader = readerOf("300a 3003020101 a003 0a0102");
    const outer = reader.open(Tag.sequence);
    const first = reader.open(Tag.sequence);
    expect(reader.smallInteger()).toBe(1);
    expect(reader.peek()).toBe(-1);
    reader.close(first);
    const second = reader.open(contextTag(0));
    expect(reader.smallInteger(Tag.enumerated)).toBe(2);
    reader.close(second);
    reader.close(outer);
    expect(() => reader.end()).not.toThrow();
  });
});

describe("what was made to hurt", () => {
  it("500,000 SEQUENCEs in each other are read to the innermost without recursion", () => {
    const levels = 500_000;
    let size = 0;
    const parts: Buffer[] = [];
    for (let level = 0; level < levels; level++) {
      const head = headOf(size);
      parts.push(head);
      size += head.length;
    }
    const reader = new DerReader(Buffer.concat(parts.reverse()), "Sample");
    const outers: number[] = [];
    while (!reader.atEnd) outers.push(reader.open(Tag.sequence));
    expect(outers).toHaveLength(levels);
    for (const outer of outers.reverse()) reader.close(outer);
    expect(() => reader.end()).not.toThrow();
  });

  it("a million octets of 30: the first length that lies ends it", () => {
    const reader = new DerReader(Buffer.alloc(1_000_000, 0x30), "Sample");
    const dive = (): void => {
      for (;;) reader.open(Tag.sequence);
    };
    // Each claims 0x30 octets, so the 25th would end after the 24 levels around it.
    expect(dive).toThrow(/at byte \d{1,2}: (longer than what contains it|ends too early)/);
  });

  it("any octets: every way of reading them ends in a value or a DerError within them", () => {
    const reads: readonly Read[] = [
      anyElement,
      octets,
      integer,
      small,
      boolean,
      bitString,
      sequence,
      (reader) => reader.peek(),
      (reader) => reader.end(),
      (reader) => reader.content(reader.peek()),
      (reader) => reader.open(reader.peek()),
    ];
    const steps = fc.array(fc.nat({ max: reads.length - 1 }), { maxLength: 30 });
    const anyOctets = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(fc.constantFrom(0x30, 0x02, 0x01, 0x00, 0x80, 0x81, 0x04, 0x03, 0xff, 0x05)),
    );
    fc.assert(
      fc.property(anyOctets, steps, (list, chosen) => {
        const der = Uint8Array.from(list);
        const reader = new DerReader(der, "Sample");
        for (const step of chosen) {
          const error = problem(() => reads[step]?.(reader));
          expect(reader.offset).toBeLessThanOrEqual(der.length);
          if (!(error instanceof Error)) continue;
          expect(error).toBeInstanceOf(DerError);
          const at = Number(/at byte (\d+): /.exec(error.message)?.[1]);
          expect(at).toBeLessThanOrEqual(der.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("what the writer wrote is read back, whatever its length", () => {
    const lengths = fc.oneof(fc.nat(300), fc.constantFrom(65_535, 65_536, 70_000));
    fc.assert(
      fc.property(lengths, fc.constantFrom(...Object.values(Tag)), (length, tag) => {
        const content = Buffer.alloc(length, length);
        const reader = new DerReader(element(tag, content), "Sample");
        expect(content.equals(reader.content(tag))).toBe(true);
        reader.end();
      }),
    );
  });
});

/** Identifier and length of a SEQUENCE, by the rule of X.690 8.1.3 and not by our writer. */
function headOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(0x30, length);
  const hex = length.toString(16);
  const digits = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return Buffer.concat([Buffer.of(0x30, 0x80 | digits.length), digits]);
}
