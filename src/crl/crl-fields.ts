import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { generalizedTime, type UnixSeconds } from "../der/time.ts";
import { element, integer, sequence } from "../der/writer.ts";
import { CRL_NUMBER_LIMIT } from "./crl-number.ts";

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
  /** Of a delta CRL: the number of the full CRL that it is the difference to (deltaCRLIndicator, 5.2.4). */
  readonly baseCRLNumber?: bigint | undefined;
  /** Of a shard's CRL: its URL, octet for octet as certificates have it (5.2.5). */
  readonly issuingDistributionPoint?: string | undefined;
  /** Of a full CRL with a delta: the delta's URL (5.2.6). */
  readonly freshestCRL?: string | undefined;
}

const AKI_KEY_IDENTIFIER = 0x80;
const TRUE = Uint8Array.of(Tag.boolean, 1, 0xff);
/** URI of a GeneralName, IMPLICIT IA5String (RFC 5280 4.2.1.6). */
const URI = 0x86;

/**
 * crlExtensions, whole (RFC 5280 5.2), in a fixed order: authorityKeyIdentifier, cRLNumber, then those that
 * the CRL has of deltaCRLIndicator, issuingDistributionPoint (both critical), freshestCRL, expiredCertsOnCRL.
 * A CRLNumber outside 0 to 2^159 - 1 is a `RangeError`.
 */
export function crlExtensions(fields: CRLFields): Buffer {
  const { authorityKeyIdentifier, crlNumber, baseCRLNumber, expiredCertsOnCRL } = fields;
  const { issuingDistributionPoint: shardURL, freshestCRL: deltaURL } = fields;
  const extensions = [
    extension(
      OIDS.authorityKeyIdentifier,
      sequence(element(AKI_KEY_IDENTIFIER, authorityKeyIdentifier)),
    ),
    extension(OIDS.crlNumber, numberOf(crlNumber)),
  ];
  if (baseCRLNumber !== undefined) {
    extensions.push(extension(OIDS.deltaCRLIndicator, numberOf(baseCRLNumber), TRUE));
  }
  if (shardURL !== undefined) {
    const point = sequence(distributionPointName(shardURL));
    extensions.push(extension(OIDS.issuingDistributionPoint, point, TRUE));
  }
  if (deltaURL !== undefined) {
    const points = sequence(sequence(distributionPointName(deltaURL)));
    extensions.push(extension(OIDS.freshestCRL, points));
  }
  if (expiredCertsOnCRL !== undefined) {
    extensions.push(extension(OIDS.expiredCertsOnCRL, generalizedTime(expiredCertsOnCRL)));
  }
  return element(contextTag(0), sequence(...extensions));
}

function numberOf(crlNumber: bigint): Buffer {
  if (crlNumber >= 0n && crlNumber < CRL_NUMBER_LIMIT) return integer(crlNumber);
  throw new RangeError(`CRLNumber ${crlNumber} is not from 0 to 2^159 - 1`);
}

/** distributionPoint with one fullName (RFC 5280 4.2.1.13), the octets of the URL as they are. */
function distributionPointName(url: string): Buffer {
  const fullName = element(contextTag(0), element(URI, Buffer.from(url, "latin1")));
  return element(contextTag(0), fullName);
}

function extension(oid: Uint8Array, value: Uint8Array, ...critical: Uint8Array[]): Uint8Array {
  return sequence(oid, ...critical, element(Tag.octetString, value));
}
