import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { element, sequence } from "../der/writer.ts";
import { type Certificate, keyHash, nameHash } from "../x509/certificate.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { HASHES, type HashName } from "./hash.ts";

/** What a client asks about one certificate. */
export interface Question {
  readonly issuer: Certificate;
  readonly serialNumber: SerialNumber;
  readonly hash: HashName;
  /** RFC 9654: 1 to 128 octets, and 32 or more by clients of today. */
  readonly nonce: Uint8Array | undefined;
}

/** The OCSPRequest for one certificate (RFC 6960 4.1.1, RFC 9919 3.1). */
export function writeRequest(question: Question): Buffer {
  const { issuer, serialNumber, hash, nonce } = question;
  const certID = sequence(
    HASHES[hash].algorithmIdentifier,
    element(Tag.octetString, nameHash(issuer.subject, hash)),
    element(Tag.octetString, keyHash(issuer, hash)),
    element(Tag.integer, serialNumber),
  );
  const extensions = nonce === undefined ? [] : [nonceExtensions(nonce)];
  return sequence(sequence(sequence(sequence(certID)), ...extensions));
}

function nonceExtensions(nonce: Uint8Array): Buffer {
  const extnValue = element(Tag.octetString, element(Tag.octetString, nonce));
  return element(contextTag(2), sequence(sequence(OIDS.ocspNonce, extnValue)));
}
