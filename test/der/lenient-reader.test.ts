import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { LenientReader } from "../../src/der/lenient-reader.ts";
import { DerError, DerReader, Tag } from "../../src/der/reader.ts";
import { element } from "../../src/der/writer.ts";

function reader(hex: string): LenientReader {
  return new LenientReader(Buffer.from(hex, "hex"), "Thing");
}

describe("BER is read, and noted with its byte", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    [
      "a long length",
      "308103020105",
      "0205",
      "byte 0: not DER: a length in more octets than it needs",
    ],
    [
      "indefinite",
      "30800201050000",
      "05",
      "byte 0: not DER: a length that is not given (indefinite)",
    ],
    ["needless 00", "300402020005", "0005", "byte 2: an INTEGER with a needless leading octet"],
    ["needless ff", "30040202ff85", "ff85", "byte 2: an INTEGER with a needless leading octet"],
    ["left over", "3006020105020106", "05", "byte 5: 3 more octets than belong in Thing"],
  ];
  it.each(cases)("%s", (_name, der, _value, says) => {
    const lenient = reader(der);
    lenient.inside(Tag.sequence, () => lenient.integer());
    const [flaw, ...others] = lenient.flaws;
    expect(`${flaw?.where}: ${flaw?.problem}`).toBe(says);
    expect(others).toEqual([]);
  });

  it("a string in pieces is put together", () => {
    const lenient = reader("2480040161040262630000");
    expect(Buffer.from(lenient.content(Tag.octetString)).toString()).toBe("abc");
    expect(lenient.flaws.map(({ problem }) => problem)).toEqual([
      "not DER: a string in pieces (constructed)",
      "not DER: a length that is not given (indefinite)",
    ]);
  });

  it("indefinite within indefinite", () => {
    const lenient = reader("30803080020105000002010700000500");
    lenient.inside(Tag.sequence, () => {
      expect(lenient.inside(Tag.sequence, () => [...lenient.integer()])).toEqual([5]);
      expect([...lenient.integer()]).toEqual([7]);
    });
    expect(lenient.peek()).toBe(Tag.null);
  });

  it("a BOOLEAN that is neither 00 nor ff", () => {
    const lenient = reader("010101");
    expect(lenient.boolean()).toBe(true);
    expect(lenient.flaws[0]?.problem).toMatch(/a BOOLEAN of 0x01/);
  });
});

describe("what cannot be read is a DerError that says where", () => {
  it.each([
    ["30", /at byte 0: it ends too early/],
    ["3005", /at byte 0: it says that 5 octets follow, but 0 are there/],
    ["308201", /at byte 0: it ends too early/],
    ["30ff", /at byte 0: it ends too early/],
    ["3080", /at byte 0: no end-of-contents octets follow/],
    ["0201", /at byte 0: tag 0x02 where 0x30 was expected/],
  ])("%s", (der, says) => {
    expect(() => reader(der).inside(Tag.sequence, () => {})).toThrow(says);
    expect(() => reader(der).inside(Tag.sequence, () => {})).toThrow(DerError);
  });
});

test("nesting and flaws without bound end, soon, with a DerError", () => {
  const pieces = Buffer.alloc(200_000, Buffer.of(0x24, 0x80));
  expect(() => new LenientReader(pieces, "Thing").content(Tag.octetString)).toThrow(DerError);
  const whole = Buffer.alloc(40_000, Buffer.of(0x24, 0x80, 0x00, 0x00));
  const nested = Buffer.concat([pieces.subarray(0, 20_000), Buffer.alloc(20_000)]);
  expect(() => new LenientReader(nested, "Thing").content(Tag.octetString)).toThrow(/too deep/);
  const lenient = new LenientReader(element(Tag.sequence, whole), "Thing");
  const readAll = () => lenient.list(Tag.sequence, () => lenient.content(Tag.octetString));
  expect(readAll).toThrow(/too much is wrong/);
});

test("on DER it reads what the strict reader reads, and notes nothing", () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
  fc.assert(
    fc.property(contents, (parts) => {
      const der = element(Tag.sequence, ...parts.map((part) => element(Tag.octetString, part)));
      const strict = new DerReader(der, "Thing");
      const lenient = new LenientReader(der, "Thing");
      const outer = strict.open(Tag.sequence);
      const read = lenient.list(Tag.sequence, () => lenient.content(Tag.octetString));
      for (const content of read) expect(content).toEqual(strict.content(Tag.octetString));
      strict.close(outer);
      expect(lenient.flaws).toEqual([]);
    }),
  );
});

test("whatever octets come, it ends, or fails with a DerError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      const lenient = new LenientReader(octets, "Thing");
      try {
        while (!lenient.atEnd) lenient.element();
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }),
    { numRuns: 5000 },
  );
});
