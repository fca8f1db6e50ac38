import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequest } from "../../src/ocsp/request.ts";
import { SingleRequest } from "../../src/ocsp/single-request.ts";

const VECTORS = join(import.meta.dirname, "../vectors");
const vectors = ["synthetic", "client-captured"].flatMap((folder) =>
  readdirSync(join(VECTORS, folder))
    .filter((name) => name.endsWith(".der"))
    .map((name) => readFileSync(join(VECTORS, folder, name))),
);

/** The parts that it found, as hexadecimal; nothing where it left the octets alone. */
function singleParts(
  octets: Uint8Array,
  start = 0,
  end: number = octets.length,
): object | undefined {
  const single = new SingleRequest();
  if (!single.read(octets, start, end)) return undefined;
  const hex = (from: number, to: number): string =>
    Buffer.from(octets.subarray(from, to)).toString("hex");
  const { hash, hashSize, nameHashAt, keyHashAt, serialAt } = single;
  return {
    hash,
    nameHash: hex(nameHashAt, nameHashAt + hashSize),
    keyHash: hex(keyHashAt, keyHashAt + hashSize),
    serialNumber: hex(serialAt, single.end),
  };
}

/** What the general reader finds, in the same form; nothing where it finds more, or refuses. */
function generalParts(der: Uint8Array): object | undefined {
  const request = readRequest(der);
  if (request instanceof Error || request.certIDs.length > 1) return undefined;
  const [{ hash, issuerNameHash, issuerKeyHash, serialNumber }] = request.certIDs;
  return {
    hash,
    nameHash: Buffer.from(issuerNameHash).toString("hex"),
    keyHash: Buffer.from(issuerKeyHash).toString("hex"),
    serialNumber: Buffer.from(serialNumber).toString("hex"),
  };
}

describe("SingleRequest", () => {
  it("takes the requests of most clients, SHA-1 and SHA-256, with NULL and without", () => {
    const taken = vectors.map((der) => singleParts(der)).filter((parts) => parts !== undefined);
    expect(taken.length).toBeGreaterThan(15);
    expect(new Set(taken.map((parts) => (parts as { hash: string }).hash))).toEqual(
      new Set(["sha1", "sha256"]),
    );
  });

  it("reads what it takes as the general reader does, also after a mistake is put in", () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...vectors),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 }),
        fc.nat(3),
      )
      .map(([der, changes, cut]) => {
        const octets = Buffer.from(der.subarray(0, cut === 0 ? der.length - 1 : der.length));
        for (const [at, octet] of changes) octets[at % octets.length] = octet;
        return octets;
      });
    let taken = 0;
    fc.assert(
      fc.property(mutated, (octets) => {
        const parts = singleParts(octets);
        if (!parts) return;
        taken++;
        expect(parts).toEqual(generalParts(octets));
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
  });

  it("does not look beyond its bounds", () => {
    for (const der of vectors.filter((one) => singleParts(one) !== undefined)) {
      const among = Buffer.concat([Buffer.alloc(7, 0x30), der, Buffer.alloc(50, 0x02)]);
      expect(singleParts(among, 7, 7 + der.length)).toEqual(singleParts(der));
      expect(singleParts(among, 7, 7 + der.length + 1)).toBeUndefined();
      expect(singleParts(among, 7, 7 + der.length - 1)).toBeUndefined();
    }
  });
});
