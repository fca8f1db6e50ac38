import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OIDS } from "../../src/der/oids.ts";
import { DerError } from "../../src/der/reader.ts";
import { nonceOf } from "../../src/ocsp/nonce.ts";
import { octetString } from "./hand-made-response.ts";

const of = (value: Uint8Array, critical = false) =>
  nonceOf({ oid: OIDS.ocspNonce, critical, value });
const raw = (length: number): Buffer => Buffer.alloc(length, 0xaa);

describe("nonceOf", () => {
  it.each([1, 2, 16, 32, 127, 128])(
    "takes %i octets, wrapped or raw, to be echoed as they are",
    (length) => {
      for (const value of [octetString(raw(length)), raw(length)]) {
        expect(of(value)).toEqual({ extnValue: value, critical: false });
      }
    },
  );

  it.each([129, 130, 131, 255, 10_000])("refuses %i octets, wrapped or raw", (length) => {
    const message = `bad nonce: ${length} octets where 1 to 128 are allowed`;
    expect(() => of(octetString(raw(length)))).toThrow(new DerError(message));
    expect(() => of(raw(length))).toThrow(new DerError(message));
  });

  it("refuses nothing, wrapped or raw", () => {
    expect(() => of(octetString(raw(0)))).toThrow("bad nonce: 0 octets");
    expect(() => of(raw(0))).toThrow("bad nonce: 0 octets");
  });

  it.each([
    ["claims more than there is", "0405aabb"],
    ["claims less than there is", "0401aabb"],
    ["claims nothing", "0400aabb"],
    ["is 04 alone", "04"],
    ["has a length that is not minimal", "048102aabb"],
  ])("takes for raw what begins like an OCTET STRING but %s", (_, hex) => {
    const value = Buffer.from(hex, "hex");
    expect(of(value).extnValue).toBe(value);
  });

  it("keeps whether it is critical", () => {
    expect(of(octetString(raw(16)), true).critical).toBe(true);
  });

  it("any octets: they themselves, or a DerError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (octets) => {
        const given = outcome(octets);
        expect(given === octets || given instanceof DerError).toBe(true);
        if (given === octets) expect(octets.length).toBeLessThanOrEqual(131);
      }),
    );
  });

  it("any octets of a length that may be, in their OCTET STRING", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 128 }), (octets) => {
        const value = octetString(octets);
        expect(outcome(value)).toBe(value);
      }),
    );
  });
});

function outcome(value: Uint8Array): unknown {
  try {
    return of(value).extnValue;
  } catch (error) {
    return error;
  }
}
