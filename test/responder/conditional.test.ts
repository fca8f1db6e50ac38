import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { notModified, preconditionFailed, rangeHolds } from "../../src/responder/conditional.ts";
import { httpDate } from "../../src/responder/http-date.ts";

const NOW = 1_795_000_000;
const validators = { etag: '"a1b2c3"', lastModified: NOW - 3600 };

function ask(ifNoneMatch: string | undefined, ifModifiedSince?: string): boolean {
  return notModified({ ifNoneMatch, ifModifiedSince }, validators, NOW);
}

describe("If-None-Match", () => {
  it.each([
    '"a1b2c3"',
    'W/"a1b2c3"',
    '  "a1b2c3"\t',
    '"x", "a1b2c3"',
    '"x","a1b2c3","y"',
    '"x" , W/"a1b2c3" ,, "y"',
    '"with, comma", "a1b2c3"',
    "*",
    " * ",
  ])("matches %s", (header) => {
    expect(ask(header)).toBe(true);
  });

  it.each([
    "",
    '""',
    '"x"',
    '"A1B2C3"',
    "a1b2c3",
    '"a1b2c3',
    'w/"a1b2c3"',
    'W/ "a1b2c3"',
    '"a1b2c3" "x"',
    '"x,a1b2c3"',
    '"*"',
    '*, "x"',
    '"x", *',
  ])("does not match %j", (header) => {
    expect(ask(header)).toBe(false);
  });

  it("compares weakly when our own tag is the weak one", () => {
    const weak = { ...validators, etag: 'W/"a1b2c3"' };
    const headers = { ifNoneMatch: '"x", "a1b2c3"', ifModifiedSince: undefined };
    expect(notModified(headers, weak, NOW)).toBe(true);
  });

  it("matches a tag in any list of others, and no list without it", () => {
    const etagc = fc.constantFrom(..."!#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\u00ff");
    const other = fc.string({ unit: etagc }).map((text) => `"other${text}"`);
    const others = fc.array(
      fc.tuple(fc.constantFrom("", "W/"), other).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(others, others, fc.constantFrom(",", ", ", " ,\t"), (before, after, comma) => {
        expect(ask([...before, validators.etag, ...after].join(comma))).toBe(true);
        expect(ask([...before, ...after].join(comma))).toBe(false);
      }),
    );
  });

  it("reads a list of a megabyte at once", () => {
    const started = performance.now();
    expect(ask(`${" ".repeat(524_288)}x${",".repeat(524_288)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("If-Modified-Since", () => {
  it.each([
    ["the very second", validators.lastModified, true],
    ["later", validators.lastModified + 1, true],
    ["now", NOW, true],
    ["earlier", validators.lastModified - 1, false],
    ["a time to come", NOW + 1, false],
  ])("%s", (_name, since, expected) => {
    expect(ask(undefined, httpDate(since))).toBe(expected);
  });

  it("is read in its obsolete forms, and with blanks around", () => {
    const at = { ...validators, lastModified: 784111777 };
    for (const text of ["Sunday, 06-Nov-94 08:49:37 GMT", " Sun Nov  6 08:49:37 1994 "]) {
      const headers = { ifNoneMatch: undefined, ifModifiedSince: text };
      expect(notModified(headers, at, NOW)).toBe(true);
    }
  });

  it.each(["", "yesterday", "*", "99999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])(
    "is ignored when it is %j",
    (text) => {
      expect(ask(undefined, text)).toBe(false);
    },
  );
});

describe("both", () => {
  const [older, newer] = [httpDate(validators.lastModified - 1), httpDate(NOW)];

  it("If-None-Match decides alone", () => {
    expect(ask('"x"', newer)).toBe(false);
    expect(ask("", newer)).toBe(false);
    expect(ask('"a1b2c3"', older)).toBe(true);
    expect(ask('"a1b2c3"', "yesterday")).toBe(true);
  });

  it("without either, nothing is known to be unmodified", () => {
    expect(ask(undefined)).toBe(false);
  });
});

describe("what has no Last-Modified", () => {
  const undated = { etag: '"a1b2c3"', lastModified: undefined };

  it("is not compared with a time", () => {
    const ifModifiedSince = httpDate(NOW);
    expect(notModified({ ifNoneMatch: undefined, ifModifiedSince }, undated, NOW)).toBe(false);
    const old = { ...NO_CONDITIONS, ifUnmodifiedSince: httpDate(0) };
    expect(preconditionFailed(old, undated, NOW)).toBe(false);
    expect(rangeHolds(httpDate(0), undated, NOW)).toBe(false);
  });
});

const NO_CONDITIONS = { ifNoneMatch: undefined, ifModifiedSince: undefined };

describe("If-Match and If-Unmodified-Since", () => {
  const fails = (ifMatch: string | undefined, ifUnmodifiedSince?: string): boolean =>
    preconditionFailed({ ...NO_CONDITIONS, ifMatch, ifUnmodifiedSince }, validators, NOW);

  it.each(['"a1b2c3"', ' "a1b2c3" ', "*", '"x", "a1b2c3"'])("hold for %s", (tags) => {
    expect(fails(tags)).toBe(false);
    expect(fails(tags, httpDate(0))).toBe(false);
  });

  it.each(['"x"', 'W/"a1b2c3"', "", "a1b2c3"])("fail for %j", (tags) => {
    expect(fails(tags)).toBe(true);
  });

  it("fail for a time before Last-Modified only, and ignore what is none", () => {
    expect(fails(undefined, httpDate(validators.lastModified - 1))).toBe(true);
    expect(fails(undefined, httpDate(validators.lastModified))).toBe(false);
    expect(fails(undefined, "yesterday")).toBe(false);
    expect(fails(undefined)).toBe(false);
  });
});

describe("If-Range", () => {
  const holds = (ifRange: string | undefined, of = validators): boolean =>
    rangeHolds(ifRange, of, NOW);

  it("holds where it is not there, or is the entity-tag", () => {
    expect(holds(undefined)).toBe(true);
    expect(holds('"a1b2c3"')).toBe(true);
  });

  it.each(['"x"', 'W/"a1b2c3"', "*", "", '"a1b2c3", "x"', "a1b2c3"])("fails for %j", (tag) => {
    expect(holds(tag)).toBe(false);
  });

  it("never holds for a weak entity-tag", () => {
    expect(holds('W/"a1b2c3"', { ...validators, etag: 'W/"a1b2c3"' })).toBe(false);
  });

  it("holds for exactly Last-Modified, once its second has passed", () => {
    expect(holds(httpDate(validators.lastModified))).toBe(true);
    expect(holds(httpDate(validators.lastModified + 1))).toBe(false);
    expect(holds(httpDate(validators.lastModified - 1))).toBe(false);
    expect(holds(httpDate(NOW), { ...validators, lastModified: NOW })).toBe(false);
    expect(holds(httpDate(NOW - 1), { ...validators, lastModified: NOW - 1 })).toBe(true);
  });
});
