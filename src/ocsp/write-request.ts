import { Tag } from "../der/reader.ts";
import { element } from "../der/writer.ts";
import { type Certificate, keyHash, nameHash } from "../x509/certificate.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { HASHES, type HashName } from "./hash.ts";
import { encodeRequest } from "./request-encoder.ts";

/** What a client asks about one certificate. */
export interface Question {
  readonly issuer: Certificate;
  readonly serialNumber: SerialNumber;
  readonly hash: HashName;
  /** RFC 9654: 1 to 128 octets, and 32 or more by clients of today. */
  readonly nonce: Uint8Array | undefined;
}

/** The OCSPRequest for one certificate (RFC 6960 4.1.1, RFC 9919 3.1). */
export function writeRequest({ issuer, serialNumber, hash, nonce }: Question): Buffer {
  const certID = {
    hash,
    hashAlgorithm: HASHES[hash].oid,
    issuerNameHash: nameHash(issuer.subject, hash),
    issuerKeyHash: keyHash(issuer, hash),
    serialNumber,
  };
  return encodeRequest([certID], nonce && element(Tag.octetString, nonce));
}
