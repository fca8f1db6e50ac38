import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import { decodeOcspGet, decodePlainGet } from "../../src/responder/ocsp-get.ts";
import { routeTarget } from "../../src/responder/request-target.ts";

/** Any UTF-16 code units, half of them octets. */
const anyText = fc.string({
  unit: fc.oneof(fc.nat(0xff), fc.nat(0xffff)).map((code) => String.fromCharCode(code)),
});

const SYNTHETIC = join(import.meta.dirname, "../vectors/synthetic/http");
const CAPTURED = join(import.meta.dirname, "../vectors/client-captured");
const base = readFileSync(join(SYNTHETIC, "base.der"));

/** What the GET message in this file asks, decoded; its target routed first. */
function decodeMessage(file: string): Buffer | undefined {
  const [line = ""] = readFileSync(file, "latin1").split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const routed = routeTarget(method, target, new Map());
  if (routed.kind !== "ocspGet") throw new Error(`${line} is routed as ${routed.kind}`);
  return decodeOcspGet(routed.encoded);
}

const gets = (folder: string) =>
  readdirSync(folder).filter(
    (name) =>
      name.endsWith(".http") && /^(?:GET|HEAD) /.test(readFileSync(join(folder, name), "latin1")),
  );

describe("the GET messages of vectors/synthetic", () => {
  // These have no OCSP request in their path, or are refused before it is decoded.
  const elsewhere = ["19-get-root-empty.http", "57-get-uri-9000.http"];
  const refused = [
    "20-get-invalid-b64.http",
    "09-get-double-escaped.http",
    "18-get-collapsed-slashes.http",
  ];
  const asked = gets(SYNTHETIC).filter((name) => !elsewhere.includes(name));

  it("are there", () => {
    expect(asked.length).toBeGreaterThanOrEqual(29);
    expect(asked).toEqual(expect.arrayContaining(refused));
  });

  it.each(asked.filter((name) => !refused.includes(name)))("%s asks what base.der asks", (name) => {
    expect(decodeMessage(join(SYNTHETIC, name))).toEqual(base);
  });

  it.each(refused)("%s is not understood", (name) => {
    expect(decodeMessage(join(SYNTHETIC, name))).toBeUndefined();
  });
});

describe("the GET messages of vectors/client-captured", () => {
  const names = gets(CAPTURED).filter((name) => !name.includes("-crl."));

  it("are there", () => {
    expect(names.length).toBeGreaterThanOrEqual(12);
  });

  it.each(names)("%s", (name) => {
    const der = readFileSync(join(CAPTURED, name.replace(".http", ".der")));
    expect(decodeMessage(join(CAPTURED, name))).toEqual(der);
  });
});

describe("the slash at the end", () => {
  /** Requests of every length modulo 3 whose base64 itself ends in a slash, or does not. */
  const requests = [0, 1, 2, 3, 4, 5].flatMap((length) =>
    [0x00, 0xff].map((octet) => element(0x30, Buffer.alloc(length, octet))),
  );
  const forms = requests.flatMap((der) => {
    const [padded, plain] = [der.toString("base64"), der.toString("base64").replace(/=+$/, "")];
    return [...new Set([padded, plain])].map((text) => [text, der] as const);
  });

  it.each(forms)("is none in %s", (text, der) => {
    expect(decodeOcspGet(text)).toEqual(der);
  });

  it.each(forms)("is dropped after %s", (text, der) => {
    expect(decodeOcspGet(`${text}/`)).toEqual(der);
  });

  it("covers texts that end in a slash of their own", () => {
    expect(forms.filter(([text]) => text.endsWith("/")).length).toBeGreaterThan(0);
  });

  it("is dropped once only", () => {
    expect(decodeOcspGet("MAA=//")).toBeUndefined();
    expect(decodeOcspGet("MAA=/x")).toBeUndefined();
  });
});

describe("what is no base64 escaped once", () => {
  it.each([
    ["a lone %", "MAA%"],
    ["half an escape", "MAA%3"],
    ["no hexadecimal digits", "MAA%3G"],
    ["a sign for a digit", "MAA%+D"],
    ["two layers of escapes", "MAA%253D"],
    ["an escaped %", "MAA%25"],
    ["another octet", "MAA@"],
    ["another octet, escaped", "M%40AA"],
    ["an octet above 127, escaped", "M%C6AA"],
    ["NUL, escaped", "%00MAA"],
    ["a raw line break", "MA\nA="],
    ["one letter too many", "MAABM"],
    ["one = too few", "MA="],
    ["one = too many", "MAA=="],
    ["= after a whole text", "MAAB="],
    ["only =", "=="],
    ["four =", "MAAB===="],
    ["= inside", "MA=A"],
    ["a text after the padding", "MAA=MAA="],
    ["letters of 16 bits that end like M", "\u014dAAB"],
    ["digits of 16 bits", "M%\u01344AAA"],
  ])("%s", (_name, encoded) => {
    expect(decodeOcspGet(encoded)).toBeUndefined();
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("any character that is no letter, at %d", (at) => {
    const whole = "MAABMAAB";
    const characters = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
    for (const character of characters.filter((each) => !/[A-Za-z0-9+/_=-]/.test(each))) {
      for (const next of [at, at + 1]) {
        const damaged = whole.slice(0, at) + character + whole.slice(next);
        expect(decodeOcspGet(damaged), JSON.stringify(damaged)).toBeUndefined();
      }
    }
  });

  it("more than 8 KiB", () => {
    expect(decodeOcspGet("M".repeat(8192))).toHaveLength(6144);
    expect(decodeOcspGet("M".repeat(8196))).toBeUndefined();
  });
});

it("spare bits after the last octet are not looked at", () => {
  expect(decodeOcspGet("MAB=")).toEqual(Buffer.of(0x30, 0x00));
});

it("nothing is nothing", () => {
  expect(decodeOcspGet("")).toHaveLength(0);
});

describe("any request", () => {
  const request = fc.uint8Array({ maxLength: 300 }).map((content) => element(0x30, content));
  /** One character as some client might send it. */
  const written = (character: string, choice: number): string => {
    const escaped = `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
    const breaks = ["%0A", "%0d%0a"];
    const choices = [
      character,
      escaped,
      escaped.toUpperCase(),
      `${breaks[choice % 2]}${character}`,
    ];
    if (character === "+") choices.push("-", "%20", "%2D");
    if (character === "/") choices.push("_", "%5f");
    return choices[choice % choices.length] as string;
  };

  it("is understood in every mixture of the tolerated forms", () => {
    fc.assert(
      fc.property(
        request,
        fc.boolean(),
        fc.infiniteStream(
          fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(100) }),
        ),
        fc.constantFrom("", "/"),
        (der, isPadded, choices, end) => {
          const text = der.toString(isPadded ? "base64" : "base64url");
          const encoded = [...text]
            .map((each) => written(each, choices.next().value ?? 0))
            .join("");
          expect(decodeOcspGet(encoded + end)).toEqual(der);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("is what Node reads, wherever something is understood at all", () => {
    const text = fc.string({ unit: fc.constantFrom(..."MAz09+/-_=%4D2Fb \r\n@") });
    fc.assert(
      fc.property(text, (encoded) => {
        const octets = decodeOcspGet(encoded);
        if (octets === undefined) return;
        const unescaped = decodeURIComponent(encoded).replace(/ /g, "+");
        const read = Buffer.from(unescaped.replace(/=+\/$/, ""), "base64");
        expect(read.subarray(0, octets.length)).toEqual(octets);
        expect(read.length - octets.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2000 },
    );
  });

  it("and anything else never throws", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: fc.constantFrom(..."M%4D=/+") })), (text) => {
        const octets = decodeOcspGet(text);
        expect(octets === undefined || octets.length <= text.length).toBe(true);
      }),
    );
  });
});

describe("decodePlainGet", () => {
  const decodePlain = (text: string): Buffer | undefined => {
    const into = Buffer.alloc(text.length);
    // Other octets around it, which must not matter.
    const length = decodePlainGet(
      Buffer.from(`%3D=${text}=%3DA`, "latin1"),
      4,
      4 + text.length,
      into,
    );
    return length < 0 ? undefined : into.subarray(0, length);
  };

  it("takes base64 that is escaped as encodeURIComponent does, or not at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (octets) => {
        const text = Buffer.from(octets).toString("base64");
        expect(decodePlain(text)?.toString("hex")).toBe(Buffer.from(octets).toString("hex"));
        const escaped = encodeURIComponent(text);
        expect(decodePlain(escaped)?.toString("hex")).toBe(Buffer.from(octets).toString("hex"));
        const lower = escaped.replace(/%../g, (digits) => digits.toLowerCase());
        expect(decodePlain(lower)?.toString("hex")).toBe(Buffer.from(octets).toString("hex"));
      }),
    );
  });

  it("takes nothing that decodeOcspGet reads otherwise", () => {
    const pieces = fc.constantFrom(
      ..."AMz09+/-_=% \r%3D",
      "%3D",
      "%3d",
      "%2B",
      "%2F",
      "%41",
      "%",
      "3D",
      "QUJD",
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const plain = decodePlain(text);
        // A slash at the end may be the path's: what it does not hold whole, nobody finds in it.
        if (plain === undefined || text.endsWith("/")) return;
        taken++;
        expect(plain.toString("hex")).toBe(decodeOcspGet(text)?.toString("hex"));
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
