import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { generalizedTime, type UnixSeconds, x509Time } from "../der/time.ts";
import { bitString, element, integer, lengthOctets, sequence, writeHeader } from "../der/writer.ts";
import { CRL_NUMBER_LIMIT } from "./crl-number.ts";
import type { EntryBuffer } from "./entry.ts";

/** All of a CRL but its entries and signature (RFC 5280 5.1.2, 5.2). */
export interface CRLFields {
  /** AlgorithmIdentifier, whole. */
  readonly signatureAlgorithm: Uint8Array;
  /** Name, whole: the octets of the CA certificate's subject as they stand there. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: UnixSeconds;
  /** `END_OF_TIME` on a CA's last CRL. */
  readonly nextUpdate: UnixSeconds;
  /** The CA certificate's subjectKeyIdentifier: the key's octets without a header. */
  readonly authorityKeyIdentifier: Uint8Array;
  readonly crlNumber: bigint;
  /** Certificates that expired since then stay on the CRL (X.509, expiredCertsOnCRL); absent when undefined. */
  readonly expiredCertsOnCRL: UnixSeconds | undefined;
}

const V2 = integer(1);
const AKI_KEY_IDENTIFIER = 0x80;

/**
 * The TBSCertList of a complete v2 CRL (RFC 5280 5.1.2). Without entries revokedCertificates is
 * absent (5.1.2.6). A CRLNumber outside 0 to 2^159 - 1 is a `RangeError`.
 */
export function tbsCertList(fields: CRLFields, entries: EntryBuffer): Uint8Array {
  return sequence(
    V2,
    fields.signatureAlgorithm,
    fields.issuer,
    x509Time(fields.thisUpdate),
    x509Time(fields.nextUpdate),
    ...revokedCertificates(entries),
    element(contextTag(0), sequence(...crlExtensions(fields))),
  );
}

/** The CertificateList of a TBSCertList and the signature over it (RFC 5280 5.1.1). */
export function certificateList(
  tbs: Uint8Array,
  signatureAlgorithm: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  return sequence(tbs, signatureAlgorithm, bitString(signature));
}

// Header and chunks are handed on separately so that a million entries are copied once.
function revokedCertificates(entries: EntryBuffer): Uint8Array[] {
  if (entries.count === 0) return [];
  const header = Buffer.alloc(1 + lengthOctets(entries.byteLength));
  writeHeader(header, 0, Tag.sequence, entries.byteLength);
  return [header, ...entries.chunks()];
}

/** Fixed order: authorityKeyIdentifier, cRLNumber, expiredCertsOnCRL; none of them critical. */
function crlExtensions(fields: CRLFields): Uint8Array[] {
  const { authorityKeyIdentifier, crlNumber, expiredCertsOnCRL } = fields;
  if (crlNumber < 0n || crlNumber >= CRL_NUMBER_LIMIT) {
    throw new RangeError(`CRLNumber ${crlNumber} is not from 0 to 2^159 - 1`);
  }
  const keyIdentifier = element(AKI_KEY_IDENTIFIER, authorityKeyIdentifier);
  const extensions = [
    extension(OIDS.authorityKeyIdentifier, sequence(keyIdentifier)),
    extension(OIDS.crlNumber, integer(crlNumber)),
  ];
  if (expiredCertsOnCRL !== undefined) {
    extensions.push(extension(OIDS.expiredCertsOnCRL, generalizedTime(expiredCertsOnCRL)));
  }
  return extensions;
}

function extension(oid: Uint8Array, value: Uint8Array): Uint8Array {
  return sequence(oid, element(Tag.octetString, value));
}
