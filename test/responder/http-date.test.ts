import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { END_OF_TIME } from "../../src/der/time.ts";
import { httpDate, parseHttpDate } from "../../src/responder/http-date.ts";

/** Any UTF-16 code units, half of them octets. */
const anyText = fc.string({
  unit: fc.oneof(fc.nat(0xff), fc.nat(0xffff)).map((code) => String.fromCharCode(code)),
});

// The instant of RFC 9110 5.6.7's own examples.
const EXAMPLE = 784111777;
const NOW = Date.UTC(2026, 10, 22) / 1000;

const seconds = fc.integer({ min: 0, max: END_OF_TIME });

describe("httpDate", () => {
  it.each([
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [Date.UTC(2028, 1, 29, 23, 59, 59) / 1000, "Tue, 29 Feb 2028 23:59:59 GMT"],
    [END_OF_TIME, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ])("writes %d as %s", (at, text) => {
    expect(httpDate(at)).toBe(text);
  });

  it("remembers nothing wrongly, whatever is asked in whatever order", () => {
    const near = fc.integer({ min: NOW, max: NOW + 4096 });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, seconds), { maxLength: 50 }), (times) => {
        for (const at of [...times, ...times]) {
          expect(httpDate(at)).toBe(new Date(at * 1000).toUTCString());
        }
      }),
    );
  });
});

describe("parseHttpDate", () => {
  it.each([
    ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT"],
    ["asctime-date", "Sun Nov  6 08:49:37 1994"],
  ])("reads the %s of RFC 9110", (_form, text) => {
    expect(parseHttpDate(text, NOW)).toBe(EXAMPLE);
  });

  it("reads what httpDate writes", () => {
    fc.assert(
      fc.property(seconds, (at) => {
        expect(parseHttpDate(httpDate(at), NOW)).toBe(at);
      }),
    );
  });

  it.each([
    ["Saturday, 21-Nov-76 23:59:59 GMT", "2076-11-21T23:59:59Z"],
    ["Sunday, 22-Nov-76 00:00:00 GMT", "2076-11-22T00:00:00Z"],
    ["Monday, 22-Nov-76 00:00:01 GMT", "1976-11-22T00:00:01Z"],
    ["Friday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00Z"],
    ["Saturday, 01-Jan-00 00:00:00 GMT", "2000-01-01T00:00:00Z"],
  ])("takes the two digits of %s as %s: at most 50 years ahead", (text, expected) => {
    expect(parseHttpDate(text, NOW)).toBe(Date.parse(expected) / 1000);
  });

  it("finds the century near its end", () => {
    const in2060 = Date.UTC(2060, 0, 1) / 1000;
    const text = "Tuesday, 01-Jan-09 00:00:00 GMT";
    expect(parseHttpDate(text, in2060)).toBe(Date.UTC(2109, 0, 1) / 1000);
    expect(parseHttpDate("Tuesday, 29-Feb-00 00:00:00 GMT", in2060)).toBe(
      Date.UTC(2000, 1, 29) / 1000,
    );
  });

  it("counts a leap second as the second after it", () => {
    const after = Date.UTC(2017, 0, 1) / 1000;
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).toBe(after);
  });

  it.each([
    "",
    "yesterday",
    "0",
    "784111777",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Foo, 06 Nov 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Tue, 29 Feb 2027 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Wednesday, 31-Nov-94 08:49:37 GMT",
    "Sun Nov 31 08:49:37 1994",
  ])("finds no date in %j", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseHttpDate(text, NOW)).toBeUndefined();
      }),
    );
  });
});
