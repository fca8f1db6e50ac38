import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerError } from "../../src/der/reader.ts";
import { MOST_CERT_IDS, readRequest } from "../../src/ocsp/request.ts";
import { pkijsReads } from "./pkijs-request.ts";
import { read } from "./read-request.ts";
import { requests } from "./request-octets.ts";

const VECTORS = fileURLToPath(new URL("../vectors/", import.meta.url));

const vectors = ["synthetic", "client-captured"].flatMap((folder) =>
  readdirSync(`${VECTORS}${folder}`)
    .filter((file) => file.endsWith(".der"))
    .map((file) => readFileSync(`${VECTORS}${folder}/${file}`)),
);

/** What is done to octets to spoil them, or not. */
type Mutation = (octets: Buffer, at: number) => Buffer;

const cut = (octets: Buffer, at: number): [Buffer, Buffer] => [
  octets.subarray(0, at),
  octets.subarray(at),
];

const mutations = fc.oneof(
  fc.nat(255).map(
    (value): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, Buffer.of(value), after.subarray(1)]);
      },
  ),
  fc.nat(7).map(
    (bit): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << bit)), after.subarray(1)]);
      },
  ),
  fc.constant<Mutation>((octets, at) => octets.subarray(0, at)),
  fc.nat(20).map(
    (size): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, after.subarray(size)]);
      },
  ),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map(
    (more): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, more, after]);
      },
  ),
  fc.nat(40).map(
    (size): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, after.subarray(0, size), after]);
      },
  ),
  // Length octets that lie.
  fc.constantFrom(0x7f, 0x80, 0x81, 0x82, 0x84, 0xff).map(
    (value): Mutation =>
      (octets, at) => {
        const [before, after] = cut(octets, at);
        return Buffer.concat([before, Buffer.of(value), after]);
      },
  ),
);

const whole = fc.oneof(
  fc.constantFrom(...vectors.filter(({ length }) => length < 2000)),
  requests.map(({ der }) => der),
);

const mutated = fc
  .tuple(whole, fc.array(fc.tuple(mutations, fc.nat({ max: 10_000 })), { maxLength: 3 }))
  .map(([octets, list]) =>
    list.reduce((der, [mutate, at]) => mutate(der, at % (der.length + 1)), octets),
  );

/** Values only, and errors that say where. */
function expectValue(der: Uint8Array): void {
  const request = readRequest(der);
  if (!(request instanceof DerError)) {
    expect(request.certIDs.length).toBeGreaterThan(0);
    expect(request.certIDs.length).toBeLessThanOrEqual(MOST_CERT_IDS);
    return;
  }
  const [, at] = /^bad DER in \w+ at byte (\d+): /.exec(request.message) ?? [];
  if (at === undefined) expect(request.message).toMatch(/^bad nonce: \d+ octets where /);
  else expect(Number(at)).toBeLessThanOrEqual(der.length);
}

describe("readRequest", () => {
  it("reads what any client may write, as it was meant", () => {
    fc.assert(
      fc.property(requests, ({ der, ...meant }) => {
        expect(read(der)).toEqual(meant);
      }),
      { numRuns: 500 },
    );
  });

  it("gives a value for each vector with anything done to it", () => {
    fc.assert(fc.property(mutated, expectValue), { numRuns: 5000 });
  });

  it("gives a value for any octets, and for those that look like DER", () => {
    const derLike = fc.array(
      fc.oneof(
        fc.constantFrom(0x30, 0x02, 0x04, 0x05, 0x06, 0x0a, 0xa0, 0xa1, 0xa2, 0x01, 0x80, 0x81),
        fc.nat(40),
      ),
      { maxLength: 100 },
    );
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      derLike.map((octets) => Uint8Array.from(octets)),
      // Right lengths all the way down, so that what is inside is reached.
      derLike.map((octets) => nested(octets)),
    );
    fc.assert(fc.property(any, expectValue), { numRuns: 3000 });
  });

  it("agrees with pkijs on all that both take, mutated or not", () => {
    let both = 0;
    const agree = (der: Uint8Array): void => {
      const ours = read(der);
      const theirs = ours instanceof Error ? undefined : pkijsReads(der);
      if (theirs === undefined) return;
      both++;
      expect(ours).toEqual(theirs);
    };
    vectors.forEach(agree);
    expect(both).toBeGreaterThan(80);
    fc.assert(fc.property(mutated, agree), { numRuns: 1500 });
    fc.assert(
      fc.property(
        requests.map(({ der }) => der),
        agree,
      ),
      { numRuns: 300 },
    );
    expect(both).toBeGreaterThan(600);
  });

  it("takes nothing in time that grows faster than the octets: a million of the worst take no time", () => {
    const worst = [
      Buffer.alloc(1_000_000, 0x30),
      Buffer.alloc(1_000_000, Buffer.of(0x30, 0x80)),
      Buffer.alloc(1_000_000, Buffer.of(0xa0, 0x84, 0xff, 0xff, 0xff, 0xff)),
      nested(Array(10_000).fill(0x04)),
    ];
    const start = performance.now();
    worst.forEach(expectValue);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

/** The octets as the content of elements in each other, each with its right length. */
function nested(octets: readonly number[]): Uint8Array {
  return octets.slice(0, 30).reduceRight<Buffer>(
    (inner, tag) => {
      const head = inner.length < 0x80 ? [tag, inner.length] : [tag, 0x81, inner.length];
      return Buffer.concat([Buffer.of(...head), inner]);
    },
    Buffer.from(octets.slice(30)),
  );
}
