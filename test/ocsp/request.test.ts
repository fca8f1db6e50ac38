import { describe, expect, it } from "vitest";
import { OIDS } from "../../src/der/oids.ts";
import { Tag } from "../../src/der/reader.ts";
import { bitString, element, integer, NULL, oid, sequence } from "../../src/der/writer.ts";
import { MOST_CERT_IDS, readRequest } from "../../src/ocsp/request.ts";
import { explicit, octetString } from "./hand-made-response.ts";
import { read } from "./read-request.ts";
import { extension } from "./request-octets.ts";

const TRUE = Buffer.of(1, 1, 0xff);
const FALSE = Buffer.of(1, 1, 0);
const hash20 = octetString(Buffer.alloc(20, 7));
const algorithm = sequence(OIDS.sha1, NULL);
const certID = sequence(algorithm, hash20, hash20, integer(5));
const single = sequence(certID);

const request = (...tbs: Uint8Array[]): Buffer => sequence(sequence(...tbs));
const signature = sequence(sequence(OIDS.ed25519), bitString(NULL));
const signed = (...parts: Uint8Array[]): Buffer =>
  sequence(sequence(sequence(single)), explicit(0, ...parts));
const withExtensions = (...list: Uint8Array[]): Buffer =>
  request(sequence(single), explicit(2, sequence(...list)));
const withSingleExtensions = (...list: Uint8Array[]): Buffer =>
  request(sequence(sequence(certID, explicit(0, sequence(...list)))));
const withCertID = (...parts: Uint8Array[]): Buffer =>
  request(sequence(sequence(sequence(...parts))));

const unknown = (arc: number, critical?: Uint8Array): Buffer =>
  extension(oid(`1.3.6.1.4.1.99999.${arc}`), NULL, critical);
const nonce = extension(OIDS.ocspNonce, octetString(Buffer.alloc(16)));
const many = (count: number): Buffer[] => Array.from({ length: count }, (_, arc) => unknown(arc));
const acceptable = (...types: Uint8Array[]): Buffer =>
  extension(OIDS.ocspResponse, sequence(...types));

const REFUSED: readonly [string, Uint8Array, string][] = [
  ["no requestList", request(), "ends too early"],
  ["a CertID without its Request", request(sequence(certID)), "tag 0x06 where 0x30"],
  ["a Request without a CertID", request(sequence(sequence())), "ends too early"],
  ["octets after the CertID", withCertID(algorithm, hash20, hash20, integer(5), NULL), "trailing"],
  ["no serialNumber", withCertID(algorithm, hash20, hash20), "ends too early"],
  [
    "an issuerKeyHash too short",
    withCertID(algorithm, hash20, octetString(Buffer.alloc(19)), integer(5)),
    "hash of the wrong length",
  ],
  [
    "an issuerNameHash too long",
    withCertID(algorithm, octetString(Buffer.alloc(21)), hash20, integer(5)),
    "hash of the wrong length",
  ],
  [
    "hash parameters that are not NULL",
    withCertID(sequence(OIDS.sha1, sequence()), hash20, hash20, integer(5)),
    "hash parameters are not NULL",
  ],
  [
    "a NULL with content",
    withCertID(sequence(OIDS.sha1, Buffer.of(5, 1, 0)), hash20, hash20, integer(5)),
    "hash parameters are not NULL",
  ],
  [
    "two hash parameters",
    withCertID(sequence(OIDS.sha1, NULL, NULL), hash20, hash20, integer(5)),
    "trailing octets",
  ],
  [
    "an algorithm that is no OID",
    withCertID(sequence(NULL), hash20, hash20, integer(5)),
    "tag 0x05 where 0x06",
  ],
  [
    "an algorithm that is an empty OID",
    withCertID(sequence(Buffer.of(6, 0), NULL), hash20, hash20, integer(5)),
    "OBJECT IDENTIFIER cut short",
  ],
  ["21 CertIDs", request(sequence(...Array(21).fill(single))), "too many CertIDs"],
  ["version 2", request(explicit(0, integer(1)), sequence(single)), "version is not v1"],
  [
    "version below zero",
    request(explicit(0, Buffer.of(2, 1, 0xff)), sequence(single)),
    "INTEGER out of range",
  ],
  [
    "a version and more",
    request(explicit(0, integer(0), NULL), sequence(single)),
    "trailing octets",
  ],
  [
    "a version in the wrong place",
    request(sequence(single), explicit(0, integer(0))),
    "trailing octets",
  ],
  [
    "requestorName after requestList",
    request(sequence(single), explicit(1, sequence())),
    "trailing octets",
  ],
  ["a requestorName without a name", request(explicit(1), sequence(single)), "ends too early"],
  [
    "a requestorName and more",
    request(explicit(1, explicit(4, sequence()), NULL), sequence(single)),
    "trailing octets",
  ],
  [
    "a requestorName that is no GeneralName",
    request(explicit(1, sequence()), sequence(single)),
    "not a GeneralName",
  ],
  [
    "requestExtensions before requestList",
    request(explicit(2, sequence(nonce)), sequence(single)),
    "tag 0xa2 where 0x30",
  ],
  [
    "requestExtensions twice",
    request(sequence(single), explicit(2, sequence(nonce)), explicit(2, sequence(nonce))),
    "trailing octets",
  ],
  ["an empty [2]", request(sequence(single), explicit(2)), "ends too early"],
  ["no Extension in requestExtensions", withExtensions(), "ends too early"],
  ["no Extension in singleRequestExtensions", withSingleExtensions(), "ends too early"],
  ["an unknown critical extension", withExtensions(unknown(1, TRUE)), "unrecognised critical"],
  ["one for a single request", withSingleExtensions(unknown(1, TRUE)), "unrecognised critical"],
  [
    "a critical nonce for a single request",
    withSingleExtensions(extension(OIDS.ocspNonce, octetString(NULL), TRUE)),
    "unrecognised critical",
  ],
  ["an extension twice", withExtensions(unknown(1), nonce, unknown(1)), "an extension twice"],
  [
    "an extension twice for a single request",
    withSingleExtensions(unknown(1), unknown(1)),
    "an extension twice",
  ],
  ["21 extensions", withExtensions(...many(21)), "too many extensions"],
  ["an extension without a value", withExtensions(sequence(OIDS.ocspNonce)), "ends too early"],
  [
    "an extension and more",
    withExtensions(sequence(OIDS.ocspNonce, hash20, NULL)),
    "trailing octets",
  ],
  ["a signature of nothing", signed(sequence()), "ends too early"],
  ["a signature without its algorithm", signed(sequence(bitString(NULL))), "tag 0x03 where 0x30"],
  ["a signature without octets", signed(sequence(sequence(OIDS.ed25519))), "ends too early"],
  ["a signature and more", signed(signature, NULL), "trailing octets"],
  [
    "certificates of a signature that are no list",
    signed(sequence(sequence(OIDS.ed25519), bitString(NULL), explicit(0, NULL))),
    "tag 0x05 where 0x30",
  ],
  ["critical written 01", withExtensions(unknown(1, Buffer.of(1, 1, 1))), "bad BOOLEAN"],
  [
    "acceptable responses without basic",
    withExtensions(acceptable(OIDS.ocspNonce)),
    "id-pkix-ocsp-basic is not",
  ],
  ["no acceptable response", withExtensions(acceptable()), "id-pkix-ocsp-basic is not"],
  [
    "acceptable responses that are no list",
    withExtensions(extension(OIDS.ocspResponse, NULL)),
    "AcceptableResponses",
  ],
  [
    "acceptable responses and more",
    withExtensions(extension(OIDS.ocspResponse, Buffer.concat([sequence(OIDS.ocspBasic), NULL]))),
    "AcceptableResponses at byte 13: trailing",
  ],
  ["octets after tbsRequest", sequence(sequence(sequence(single)), NULL), "trailing octets"],
  [
    "two signatures",
    sequence(sequence(sequence(single)), explicit(0, signature), explicit(0, signature)),
    "trailing octets",
  ],
];

const plain = {
  certIDs: [
    {
      hash: "sha1",
      issuerNameHash: "07".repeat(20),
      issuerKeyHash: "07".repeat(20),
      serialNumber: "05",
    },
  ],
  nonce: undefined,
};

const READ: readonly [string, Uint8Array][] = [
  ["the least that there is", request(sequence(single))],
  ["hash parameters left out", withCertID(sequence(OIDS.sha1), hash20, hash20, integer(5))],
  ["version 1 written out", request(explicit(0, integer(0)), sequence(single))],
  ["any requestorName", request(explicit(1, explicit(4, sequence())), sequence(single))],
  ["any signature", signed(signature)],
  [
    "any signature with any certificates",
    signed(sequence(sequence(), bitString(NULL), explicit(0, sequence(NULL)))),
  ],
  ["20 extensions", withExtensions(...many(20))],
  ["critical FALSE written out", withExtensions(unknown(1, FALSE))],
  [
    "critical acceptable responses",
    withExtensions(extension(OIDS.ocspResponse, sequence(OIDS.ocspNonce, OIDS.ocspBasic), TRUE)),
  ],
  [
    "critical preferred algorithms",
    withExtensions(extension(OIDS.ocspPrefSigAlgs, sequence(), TRUE)),
  ],
  [
    "a critical service locator",
    withSingleExtensions(extension(OIDS.ocspServiceLocator, sequence(), TRUE)),
  ],
  ["a nonce for a single request, which is none", withSingleExtensions(nonce)],
];

describe("readRequest refuses", () => {
  it.each(REFUSED)("%s", (_, der, message) => {
    const error = readRequest(der);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(message);
  });
});

describe("readRequest takes", () => {
  it.each(READ)("%s", (_, der) => expect(read(der)).toEqual(plain));

  it("as many CertIDs as may be, in their order", () => {
    const singles = Array.from({ length: MOST_CERT_IDS }, (_, index) =>
      sequence(sequence(algorithm, hash20, hash20, integer(index + 1))),
    );
    const asked = readRequest(request(sequence(...singles)));
    if (asked instanceof Error) throw asked;
    const numbers = asked.certIDs.map(({ serialNumber }) => serialNumber[0]);
    expect(numbers).toEqual(Array.from({ length: MOST_CERT_IDS }, (_, index) => index + 1));
  });

  it("a CertID of an unknown hash algorithm, with parameters and hashes of any kind", () => {
    const strange = sequence(oid("1.2.3.4"), sequence(NULL));
    const der = withCertID(strange, octetString(NULL), element(Tag.octetString), integer(5));
    const known = { ...plain.certIDs[0], hash: undefined };
    const certIDs = [{ ...known, issuerNameHash: "0500", issuerKeyHash: "" }];
    expect(read(der)).toEqual({ ...plain, certIDs });
  });

  it("a nonce, and says whether it is critical", () => {
    const asked = readRequest(withExtensions(unknown(1), nonce));
    const critical = extension(OIDS.ocspNonce, octetString(NULL), TRUE);
    expect(asked).toMatchObject({ nonce: { critical: false } });
    expect(readRequest(withExtensions(critical))).toMatchObject({ nonce: { critical: true } });
  });
});
