import { contextTag, type DerReader, Tag } from "../../src/der/reader.ts";

/** One way of reading. */
export type Read = (reader: DerReader) => unknown;

const open =
  (...tags: number[]): Read =>
  (reader) =>
    tags.map((tag) => reader.open(tag));

export const anyElement: Read = (reader) => reader.element();
export const octets: Read = (reader) => reader.content(Tag.octetString);
export const integer: Read = (reader) => reader.integer();
const oid: Read = (reader) => reader.oid();
export const small: Read = (reader) => reader.smallInteger();
export const boolean: Read = (reader) => reader.boolean();
export const bitString: Read = (reader) => reader.bitString();
export const sequence: Read = open(Tag.sequence);

/** What is inside the SEQUENCE, and nothing after it. */
const inside =
  (read: Read): Read =>
  (reader) => {
    const outer = reader.open(Tag.sequence);
    read(reader);
    reader.close(outer);
    reader.end();
  };

/** What is bad, its octets, how it is read, and what the error says. */
export const BAD: readonly [string, string, Read, string][] = [
  ["nothing at all", "", anyElement, "at byte 0: ends too early"],
  ["nothing where a tag is due", "", sequence, "at byte 0: ends too early"],
  ["a tag alone", "30", sequence, "at byte 1: ends too early"],
  ["a tag alone inside", "300104", inside(octets), "at byte 3: ends too early"],
  ["another tag", "3100", sequence, "at byte 0: tag 0x31 where 0x30 was expected"],
  ["primitive for constructed", "1000", sequence, "at byte 0: tag 0x10 where 0x30 was expected"],
  [
    "constructed for primitive",
    "2403040101",
    octets,
    "at byte 0: tag 0x24 where 0x04 was expected",
  ],
  [
    "the context tag of another number",
    "a100",
    open(contextTag(0)),
    "at byte 0: tag 0xa1 where 0xa0 was expected",
  ],
  ["a universal tag number above 30", "1f8100", anyElement, "at byte 0: tag number above 30"],
  ["a constructed one", "3f8100", anyElement, "at byte 0: tag number above 30"],
  ["a context one", "bf8100", anyElement, "at byte 0: tag number above 30"],
  ["a private one", "ff1f00", anyElement, "at byte 0: tag number above 30"],
  ["an OID of nothing", "0600", oid, "at byte 0: OBJECT IDENTIFIER cut short"],
  ["an OID whose last number goes on", "06022a81", oid, "OBJECT IDENTIFIER cut short"],
  ["an OID with a needless octet", "06032a8001", oid, "OBJECT IDENTIFIER with needless octets"],
  ["an indefinite length", "30800000", sequence, "at byte 0: indefinite length"],
  ["one inside", "300424800000", inside(anyElement), "at byte 2: indefinite length"],
  ["the length 5 in two octets", "0481050102030405", octets, "at byte 0: length not minimal"],
  ["the length 127 in two octets", `04817f${"00".repeat(127)}`, octets, "length not minimal"],
  ["the length 128 in three octets", `04820080${"00".repeat(128)}`, octets, "length not minimal"],
  ["the length 255 in three octets", `048200ff${"00".repeat(255)}`, octets, "length not minimal"],
  ["the length 256 in four octets", `0483000100${"00".repeat(256)}`, octets, "length not minimal"],
  ["the length 0 in two octets", "048100", octets, "at byte 0: length not minimal"],
  ["a length of which an octet is missing", "0481", octets, "at byte 0: ends too early"],
  ["one of which three are", "0484ff", octets, "at byte 0: ends too early"],
  ["a length in five octets", "04850100000000", octets, "at byte 0: length in too many octets"],
  ["a length in 126 octets", `04fe${"01".repeat(126)}`, octets, "length in too many octets"],
  ["the reserved length octet", "04ff00", octets, "at byte 0: length in too many octets"],
  ["4 GiB claimed", "0484ffffffff00", octets, "at byte 0: longer than what contains it"],
  ["2 GiB claimed", "048480000000", octets, "at byte 0: longer than what contains it"],
  ["one octet more than there is", "040301 02", octets, "at byte 0: longer than what contains it"],
  [
    "longer than the SEQUENCE around it, which octets follow",
    "30030402ff ffffff",
    inside(octets),
    "at byte 2: longer than what contains it",
  ],
  [
    "a length that lies outside of the SEQUENCE around it",
    "3002 0481 80",
    inside(octets),
    "at byte 2: ends too early",
  ],
  ["octets after the outermost element", "300000", inside(() => 0), "at byte 2: trailing octets"],
  ["octets that nobody read", "30020500", inside(() => 0), "at byte 2: trailing octets"],
  ["an element too few", "3000", inside(octets), "at byte 2: ends too early"],
  ["an INTEGER without content", "0200", integer, "at byte 0: empty INTEGER"],
  ["an INTEGER with 00 too many", "0202007f", integer, "at byte 0: INTEGER with needless leading"],
  ["zero with 00 too many", "02020000", integer, "at byte 0: INTEGER with needless leading octets"],
  ["an INTEGER with FF too many", "0202ff80", integer, "INTEGER with needless leading octets"],
  ["a small INTEGER below zero", "0201ff", small, "at byte 0: INTEGER out of range"],
  ["a small INTEGER of 2^31", "02050080000000", small, "at byte 0: INTEGER out of range"],
  ["a small INTEGER without content", "0200", small, "at byte 0: empty INTEGER"],
  ["TRUE written 01", "010101", boolean, "at byte 0: bad BOOLEAN"],
  ["a BOOLEAN without content", "0100", boolean, "at byte 0: bad BOOLEAN"],
  ["a BOOLEAN of two octets", "0102ffff", boolean, "at byte 0: bad BOOLEAN"],
  ["a BIT STRING without content", "0300", bitString, "at byte 0: BIT STRING with unused bits"],
  ["a BIT STRING of 7 bits", "03020180", bitString, "at byte 0: BIT STRING with unused bits"],
  ["a constructed BIT STRING", "23040302 0001", bitString, "tag 0x23 where 0x03 was expected"],
];
