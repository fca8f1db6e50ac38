import { describe, expect, it } from "vitest";
import type { Issuer } from "../../src/authority/issuer.ts";
import { isDue, passSeconds } from "../../src/authority/sweep-rule.ts";
import { type CertRecord, encodeRecordHead } from "../../src/ocsp/record.ts";

const VALIDITY = 86_400;
const HALF = VALIDITY / 2;

/** An issuer as far as the rule looks at it; the signers' validity is in seconds since 1970. */
function issuer(validitySeconds = VALIDITY, ...validities: (readonly [number, number])[]): Issuer {
  const signers = validities.map(([notBefore, notAfter]) => ({
    certificate: { notBefore, notAfter },
    parts: { notAfter },
    key: { fault: null },
  }));
  const ocsp = { validitySeconds, hashes: ["sha1", "sha256"] };
  const made = { config: { ocsp }, signers, servedSigners: new Set([1]) };
  return { ...made, statusEnds: () => Infinity } as unknown as Issuer;
}

const key = (number: number): Buffer => Buffer.from((0x10_00_00 + number).toString(16), "hex");

function answer(producedAt: number, more: Partial<CertRecord> = {}): Buffer {
  return encodeRecordHead({
    status: "good",
    reason: 0,
    revocationDate: 0,
    invalidityDate: undefined,
    notAfter: undefined,
    version: 1,
    hashes: ["sha1", "sha256"],
    signer: 1,
    thisUpdate: producedAt - 300,
    producedAt,
    nextUpdate: producedAt + VALIDITY - 301,
    ...more,
  });
}

const START = 1_800_000_000;

/** Signs what is due, pass after pass; gives the part of all that each pass signed, and the oldest age. */
function simulate(
  count: number,
  passes: number,
  paces: () => number,
): { loads: number[]; oldest: number } {
  const one = issuer();
  const pass = passSeconds(one);
  const records = Array.from({ length: count }, () => answer(START));
  const signedAt = records.map(() => START);
  const loads: number[] = [];
  let oldest = 0;
  let now = START;
  for (let number = 0; number < passes; number++) {
    now += Math.floor(pass * paces());
    let signed = 0;
    for (const [index, record] of records.entries()) {
      oldest = Math.max(oldest, now - (signedAt[index] ?? 0));
      if (!isDue(one, key(index), record, now, pass)) continue;
      signed++;
      signedAt[index] = now;
      records[index] = answer(now);
    }
    loads.push(signed / count);
  }
  return { loads, oldest };
}

describe("passes of equal length over what was imported together", () => {
  const { loads, oldest } = simulate(1_000, 160, () => 1);

  it("never find an answer older than half its life", () => {
    expect(oldest).toBeLessThanOrEqual(HALF);
  });

  it("sign less and less at once: the load becomes flat and stays so", () => {
    const most = (from: number, to: number): number => Math.max(...loads.slice(from, to));
    const flat = loads.reduce((sum, load) => sum + load, 0) / loads.length;
    expect(flat).toBeGreaterThan(0.14);
    expect(flat).toBeLessThan(0.18);
    expect(most(20, 160)).toBeLessThan(0.45);
    expect(most(80, 160)).toBeLessThan(0.3);
    expect(Math.min(...loads.slice(80))).toBeGreaterThan(0.05);
  });
});

it("passes that are a quarter late now and then find no answer older than half its life, either", () => {
  expect(simulate(300, 300, () => 0.75 + Math.random() / 2).oldest).toBeLessThanOrEqual(HALF);
});

it("a pass takes an eighth of half a life", () => {
  expect(passSeconds(issuer(3_600))).toBe(3_600 / 2 / 8);
});

describe("an answer is due", () => {
  const pass = passSeconds(issuer());
  const due = (of: Issuer, record: Buffer, now = START): boolean =>
    isDue(of, key(1), record, now, pass);

  it("where there is none, or for other hashes than are wanted", () => {
    expect(due(issuer(), answer(START, { hashes: [] }))).toBe(true);
    expect(due(issuer(), answer(START, { hashes: ["sha256"] }))).toBe(true);
    expect(due(issuer(), answer(START))).toBe(false);
  });

  it("not before 5/8 of half its life, and always by 7/8", () => {
    expect(due(issuer(), answer(START), START + HALF * 0.6)).toBe(false);
    expect(due(issuer(), answer(START), START + HALF * 0.875)).toBe(true);
  });

  it("at once where a shorter life is configured now", () => {
    expect(isDue(issuer(3_600), key(1), answer(START), START + 3_600, 225)).toBe(true);
  });

  it("where its signer cut it short, half of that is over, and another signer can give it more", () => {
    const end = START + 7_200;
    const record = answer(START, { nextUpdate: end - 1 });
    const old = [START - 100, end] as const;
    const next = [START, START + 10 * VALIDITY] as const;
    expect(due(issuer(VALIDITY, old, next), record, START + 3_000)).toBe(false);
    expect(due(issuer(VALIDITY, old, next), record, START + 3_700)).toBe(true);
    expect(due(issuer(VALIDITY, old), record, START + 3_700)).toBe(false);
    expect(due(issuer(VALIDITY, old, [START + 5_000, end + 10]), record, START + 3_700)).toBe(
      false,
    );
    expect(due(issuer(VALIDITY), record, START + 3_700)).toBe(false);
  });
});

it("what ends after the status that it tells of is due at once, also where it is new", () => {
  const one = issuer();
  const nextUpdate = START + VALIDITY - 301;
  const due = (end: number): boolean =>
    isDue({ ...one, statusEnds: () => end }, key(1), answer(START), START, passSeconds(one));
  expect([due(nextUpdate), due(nextUpdate - 1)]).toEqual([false, true]);
});

describe("an answer about a certificate that has expired since it was signed", () => {
  const due = (notAfter: number, now: number): boolean =>
    isDue(issuer(), key(1), answer(START, { notAfter }), now, passSeconds(issuer()));

  it("is due on the next pass, for its archiveCutoff", () => {
    expect(due(START + 60, START + 61)).toBe(true);
    expect(due(START, START + 1)).toBe(true);
  });

  it("is not while the certificate lasts, nor once it has one", () => {
    expect(due(START + 60, START + 60)).toBe(false);
    expect(due(START - 1, START + 61)).toBe(false);
  });
});
