import { expect, it } from "vitest";
import { element, oid, sequence } from "../../src/der/writer.ts";
import { sameName } from "../../src/x509/same-name.ts";

const [UTF8, PRINTABLE, BMP] = [0x0c, 0x13, 0x1e];

function attribute(type: string, text: string, tag = UTF8): Buffer {
  const octets = tag === BMP ? Buffer.from(text, "utf16le").swap16() : Buffer.from(text);
  return sequence(oid(type), element(tag, octets));
}

function name(...parts: (Buffer | Buffer[])[]): Buffer {
  return sequence(...parts.map((part) => element(0x31, ...[part].flat())));
}

const [CN, O] = ["2.5.4.3", "2.5.4.10"];
const one = name(attribute(O, "Ban Cơ yếu"), attribute(CN, "CA 1"));

/** RFC 5280 7.1 */
const TABLE: readonly [string, Buffer, boolean][] = [
  ["itself", one, true],
  [
    "in other types of string",
    name(attribute(O, "Ban Cơ yếu", BMP), attribute(CN, "CA 1", PRINTABLE)),
    true,
  ],
  ["in other letters", name(attribute(O, "BAN CƠ YẾU"), attribute(CN, "ca 1")), true],
  ["with other spaces", name(attribute(O, " Ban  Cơ yếu "), attribute(CN, "CA   1")), true],
  [
    "in letters with marks apart",
    name(attribute(O, "Ban Cơ yếu".normalize("NFD")), attribute(CN, "CA 1")),
    true,
  ],
  ["another text", name(attribute(O, "Ban Cơ yếu"), attribute(CN, "CA 2")), false],
  ["another type", name(attribute(O, "Ban Cơ yếu"), attribute(O, "CA 1")), false],
  ["another order", name(attribute(CN, "CA 1"), attribute(O, "Ban Cơ yếu")), false],
  ["less of it", name(attribute(O, "Ban Cơ yếu")), false],
  ["in one part", name([attribute(O, "Ban Cơ yếu"), attribute(CN, "CA 1")]), false],
  ["no name at all", Buffer.from("hello"), false],
];

it.each(TABLE)("%s", (_, other, isSame) => {
  expect(sameName(one, other)).toBe(isSame);
  expect(sameName(other, one)).toBe(isSame);
});

it("in one part the order does not count", () => {
  const [a, b] = [attribute(O, "O"), attribute(CN, "CN")];
  expect(sameName(name([a, b]), name([b, a]))).toBe(true);
});
