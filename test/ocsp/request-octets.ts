import fc from "fast-check";
import { OIDS } from "../../src/der/oids.ts";
import { Tag } from "../../src/der/reader.ts";
import { bitString, element, NULL, oid, sequence } from "../../src/der/writer.ts";
import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import { explicit, octetString } from "./hand-made-response.ts";
import { serialNumbers } from "./plans.ts";

/*
 * OCSPRequests put together from their ASN.1 (RFC 6960 4.1.1), each with what reading it must give.
 */

/** A CertID, its octets in hexadecimal so that it can be compared. */
export interface MeantCertID {
  readonly hash: HashName | undefined;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serialNumber: string;
}

/** A request, and what it asks. */
export interface MeantRequest {
  readonly der: Buffer;
  readonly certIDs: readonly MeantCertID[];
  /** The content of the nonce's extnValue in hexadecimal. */
  readonly nonce: string | undefined;
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const EXPLICIT_FALSE = Buffer.of(1, 1, 0);
const EXPLICIT_TRUE = Buffer.of(1, 1, 0xff);

/** One Extension; `critical` is written as it is given. */
export function extension(
  type: Uint8Array,
  value: Uint8Array,
  critical: Uint8Array = Buffer.alloc(0),
): Buffer {
  return sequence(type, critical, octetString(value));
}

/** Extensions that nobody knows, of different types; not critical, also where that is written out. */
const unknownExtensions = fc
  .uniqueArray(
    fc.record({
      arc: fc.nat(999),
      value: fc.uint8Array({ maxLength: 20 }),
      critical: fc.constantFrom(Buffer.alloc(0), EXPLICIT_FALSE),
    }),
    { maxLength: 3, selector: ({ arc }) => arc },
  )
  .map((list) =>
    list.map(({ arc, value, critical }) =>
      extension(oid(`1.3.6.1.4.1.99999.${arc}`), value, critical),
    ),
  );

const optional = (octets: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.option(octets, { nil: Buffer.alloc(0) });

/** These extensions and unknown ones, in any order; nothing where there is none. */
function extensionList(number: number, given: Buffer[]): fc.Arbitrary<Buffer> {
  return unknownExtensions
    .map((unknown) => [...unknown, ...given])
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }))
    .map((list) => (list.length === 0 ? Buffer.alloc(0) : explicit(number, sequence(...list))));
}

const known = (name: HashName): [HashName, Uint8Array, number] => [
  name,
  HASHES[name].oid,
  HASHES[name].size,
];
const algorithms = fc.constantFrom<[HashName | undefined, Uint8Array, number]>(
  known("sha1"),
  known("sha256"),
  known("sha384"),
  known("sha512"),
  known("sha224"),
  [undefined, oid("1.2.840.113549.2.5"), 16],
);

const singleRequest = fc
  .record({
    algorithm: algorithms,
    parameters: fc.constantFrom(NULL, new Uint8Array()),
    fill: fc.tuple(fc.nat(255), fc.nat(255)),
    serialNumber: serialNumbers,
    extensions: extensionList(0, []),
  })
  .map(({ algorithm: [hash, type, size], parameters, fill, serialNumber, extensions }) => {
    const [issuerNameHash, issuerKeyHash] = fill.map((octet) => Buffer.alloc(size, octet));
    const certID = sequence(
      sequence(type, parameters),
      octetString(issuerNameHash as Buffer),
      octetString(issuerKeyHash as Buffer),
      element(Tag.integer, serialNumber),
    );
    const meant: MeantCertID = {
      hash,
      issuerNameHash: hex(issuerNameHash as Buffer),
      issuerKeyHash: hex(issuerKeyHash as Buffer),
      serialNumber: hex(serialNumber),
    };
    return { der: sequence(certID, extensions), meant };
  });

/** A nonce's extnValue: with its OCTET STRING, or raw. */
const nonces = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 128 }).map(octetString),
  fc.uint8Array({ minLength: 1, maxLength: 128 }).map((raw) => Buffer.from(raw).fill(0xaa, 0, 1)),
);

/** Requests that must be read, in every form that clients write them. */
export const requests: fc.Arbitrary<MeantRequest> = fc
  .record({
    singles: fc.array(singleRequest, { minLength: 1, maxLength: 20 }),
    version: optional(fc.constant(explicit(0, Buffer.of(2, 1, 0)))),
    requestorName: optional(fc.constant(explicit(1, explicit(4, sequence())))),
    nonce: fc.option(nonces, { nil: undefined }),
    signature: optional(
      fc.constant(explicit(0, sequence(sequence(OIDS.ed25519), bitString(NULL)))),
    ),
  })
  .chain(({ nonce, ...request }) => {
    const acceptable = extension(OIDS.ocspResponse, sequence(OIDS.ocspBasic), EXPLICIT_TRUE);
    const list = nonce ? [acceptable, extension(OIDS.ocspNonce, nonce)] : [];
    return fc.record({
      request: fc.constant({ ...request, nonce }),
      extensions: extensionList(2, list),
    });
  })
  .map(({ request, extensions }) => {
    const { version, requestorName, singles, signature, nonce } = request;
    const list = sequence(...singles.map(({ der }) => der));
    return {
      der: sequence(sequence(version, requestorName, list, extensions), signature),
      certIDs: singles.map(({ meant }) => meant),
      nonce: nonce && hex(nonce),
    };
  });
