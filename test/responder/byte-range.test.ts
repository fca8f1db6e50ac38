import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestedSpan } from "../../src/responder/byte-range.ts";

const SIZE = 1000;

describe("a Range of 1,000 octets", () => {
  it.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-499", 0, 500],
    ["bytes=500-999", 500, 1000],
    ["bytes=500-", 500, 1000],
    ["bytes=999-", 999, 1000],
    ["bytes=-1", 999, 1000],
    ["bytes=-1000", 0, 1000],
    ["bytes=-1001", 0, 1000],
    ["bytes=0-1000", 0, 1000],
    ["bytes=0-99999999999999999999999999", 0, 1000],
    ["bytes=-99999999999999999999999999", 0, 1000],
    ["bytes=007-008", 7, 9],
    ["BYTES=1-2", 1, 3],
    [" bytes = 1-2 ", 1, 3],
  ])("%s is a part", (range, start, end) => {
    expect(requestedSpan(range, SIZE)).toEqual({ start, end });
  });

  it.each(["bytes=1000-", "bytes=1000-1001", "bytes=99999999999999999999999999-", "bytes=-0"])(
    "%s is not there",
    (range) => {
      expect(requestedSpan(range, SIZE)).toBe("unsatisfiable");
    },
  );

  it.each([
    undefined,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=2-1",
    "bytes=1000-999",
    "bytes=a-b",
    "bytes=1-2x",
    "bytes=+1-2",
    "bytes=1.0-2",
    "bytes=0x1-2",
    "bytes=0-1,5-6",
    "bytes=2000-,3000-",
    "bytes=0-1,",
    "items=0-1",
    "0-1",
  ])("%j gets the whole", (range) => {
    expect(requestedSpan(range, SIZE)).toBe("whole");
  });

  it("of nothing is never there", () => {
    expect(requestedSpan("bytes=0-", 0)).toBe("unsatisfiable");
    expect(requestedSpan("bytes=-5", 0)).toBe("unsatisfiable");
  });

  it("never reaches outside of it, and takes no long time, whatever it is", () => {
    const piece = fc.constantFrom("bytes", "=", "-", ",", " ", "0", "9", "1000", "x");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 2_000 }), fc.nat(5_000), (pieces, size) => {
        const span = requestedSpan(pieces.join(""), size);
        if (typeof span === "string") return;
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThan(span.start);
        expect(span.end).toBeLessThanOrEqual(size);
      }),
    );
  });
});
