import { describe, expect, it } from "vitest";
import { CRLReason, parseReason, REVOCATION_REASONS, reasonName } from "../../src/x509/reason.ts";

/** RFC 5280 5.3.1, with the spelling of its ASN.1. */
const RFC_5280 = `unspecified (0), keyCompromise (1), cACompromise (2), affiliationChanged (3),
  superseded (4), cessationOfOperation (5), certificateHold (6), removeFromCRL (8),
  privilegeWithdrawn (9), aACompromise (10)`;

const reasons = [...RFC_5280.matchAll(/(\w+) \((\d+)\)/g)].map(
  ([, name = "", code]) => [name, Number(code)] as const,
);

describe("CRLReason", () => {
  it("is the list of RFC 5280, without the unused 7", () => {
    expect(Object.entries(CRLReason)).toEqual(reasons);
  });

  it.each(reasons)("%s, whatever the case, and back from %i", (name, code) => {
    expect(parseReason(name)).toBe(name);
    expect(parseReason(name.toUpperCase())).toBe(name);
    expect(parseReason(name.toLowerCase())).toBe(name);
    expect(reasonName(code)).toBe(name);
  });

  it.each(["", "7", "1", "key Compromise", "keyCompromise ", "key-compromise", "constructor"])(
    "%j is no reason",
    (text) => expect(parseReason(text)).toBeUndefined(),
  );

  it.each([7, 11, -1, 255, 0.5, Number.NaN])("%d has no name", (code) => {
    expect(reasonName(code)).toBeUndefined();
  });

  it("leaves out, of what a certificate may be revoked with, what has commands of its own", () => {
    const left = reasons.map(([name]) => name).filter((name) => !/Hold|remove/.test(name));
    expect(REVOCATION_REASONS).toEqual(left);
  });
});
