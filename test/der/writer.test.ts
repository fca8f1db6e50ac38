import { Integer, ObjectIdentifier } from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerReader, Tag } from "../../src/der/reader.ts";
import {
  bitString,
  element,
  elementSize,
  integer,
  lengthOctets,
  NULL,
  oid,
  sequence,
  writeHeader,
} from "../../src/der/writer.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

describe("lengths", () => {
  // Each length at which the field grows, and the one before.
  it.each([
    [0, "00"],
    [0x7f, "7f"],
    [0x80, "8180"],
    [0xff, "81ff"],
    [0x100, "820100"],
    [0xffff, "82ffff"],
    [0x10000, "83010000"],
    [0xffffff, "83ffffff"],
    [0x1000000, "8401000000"],
    [0x7fffffff, "847fffffff"],
    [0xffffffff, "84ffffffff"],
  ])("%i is written %s", (length, field) => {
    const into = Buffer.alloc(8, 0xee);
    const end = writeHeader(into, 1, Tag.octetString, length);
    expect(hex(into.subarray(0, end))).toBe(`ee04${field}`);
    expect(hex(into.subarray(end)).replaceAll("ee", "")).toBe("");
    expect(lengthOctets(length)).toBe(field.length / 2);
    expect(elementSize(length)).toBe(1 + field.length / 2 + length);
  });
});

describe("elements", () => {
  it("hold their parts one after the other", () => {
    expect(hex(element(0xa0, Buffer.of(1, 2), Buffer.of(), Buffer.of(3)))).toBe("a003010203");
    expect(hex(element(Tag.octetString))).toBe("0400");
    expect(hex(sequence(NULL, NULL))).toBe("300405000500");
    expect(hex(bitString(Buffer.of(0xab)))).toBe("030200ab");
    expect(hex(bitString(Buffer.of()))).toBe("030100");
  });

  it.each<[number | bigint, string]>([
    [0, "020100"],
    [1, "020101"],
    [127, "02017f"],
    [128, "02020080"],
    [255, "020200ff"],
    [256, "02020100"],
    [0x7fff, "02027fff"],
    [0x8000, "0203008000"],
    [2n ** 159n, `02150080${"00".repeat(19)}`],
  ])("INTEGER %s", (value, der) => expect(hex(integer(value))).toBe(der));

  it("every INTEGER as asn1js writes it, and our reader finds it minimal", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), (value) => {
        const der = integer(value);
        expect(hex(der)).toBe(hex(Buffer.from(Integer.fromBigInt(value).toBER())));
        const content = new DerReader(der, "INTEGER").integer();
        expect(BigInt(`0x${hex(content)}`)).toBe(value);
      }),
    );
  });
});

describe("object identifiers", () => {
  it.each([
    ["1.2.840.113549.1.1.11", "06092a864886f70d01010b"],
    ["1.3.6.1.5.5.7.48.1.1", "06092b0601050507300101"],
    ["2.5.29.20", "0603551d14"],
    ["0.0", "060100"],
    ["0.39", "060127"],
    ["1.0", "060128"],
    ["1.39", "06014f"],
    ["2.0", "060150"],
    ["2.47", "06017f"],
    ["2.48", "06028100"],
    ["2.999", "06028837"],
    ["1.3.127.128.16383.16384", "06092b7f8100ff7f818000"],
  ])("%s", (dotted, der) => expect(hex(oid(dotted))).toBe(der));

  it("are as asn1js writes them", () => {
    const arcs = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(2), fc.nat(39), arcs, (first, second, rest) => {
        const dotted = [first, second, ...rest].join(".");
        const theirs = new ObjectIdentifier({ value: dotted }).toBER();
        expect(hex(oid(dotted))).toBe(hex(Buffer.from(theirs)));
      }),
    );
  });
});
