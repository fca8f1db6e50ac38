import { describe, expect, it } from "vitest";
import { nearestWord } from "../../src/config/nearest-word.ts";

const known = ["signers", "hashes", "validity", "backdate", "nonce", "url", "hold"];

describe("nearestWord", () => {
  it.each([
    ["validty", "validity"],
    ["vaildity", "validity"],
    ["Validity", "validity"],
    ["signer", "signers"],
    ["hash", "hashes"],
    ["hodl", "hold"],
    ["uri", "url"],
    ["", undefined],
    ["colour", undefined],
    ["x".repeat(100_000), undefined],
  ])("of %.20s is %s", (word, nearest) => {
    expect(nearestWord(word, known)).toBe(nearest);
  });
});
