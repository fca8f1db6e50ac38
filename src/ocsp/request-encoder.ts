import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { element, NULL, sequence } from "../der/writer.ts";
import type { CertID } from "./request.ts";

/**
 * The OCSPRequest (RFC 6960 4.1.1) with these CertIDs and this nonce, and nothing else; `nonce` is the content
 * of its extnValue. Hash algorithms get parameters NULL.
 */
export function encodeRequest(certIDs: readonly CertID[], nonce: Uint8Array | undefined): Buffer {
  const list = sequence(...certIDs.map((certID) => sequence(encodeCertID(certID))));
  const extensions = nonce
    ? [element(contextTag(2), sequence(sequence(OIDS.ocspNonce, element(Tag.octetString, nonce))))]
    : [];
  return sequence(sequence(list, ...extensions));
}

/** A CertID (RFC 6960 4.1.1), parameters of its hash algorithm written as NULL. */
export function encodeCertID(certID: CertID): Buffer {
  return sequence(
    sequence(certID.hashAlgorithm, NULL),
    element(Tag.octetString, certID.issuerNameHash),
    element(Tag.octetString, certID.issuerKeyHash),
    element(Tag.integer, certID.serialNumber),
  );
}
