import { hash } from "node:crypto";
import { sameOctets } from "../der/oids.ts";
import { contextTag, DerError, DerReader, Tag } from "../der/reader.ts";
import { timeFromDer, type UnixSeconds } from "../der/time.ts";
import { type SerialNumber, serialNumberFromDer } from "./serial-number.ts";

const ISSUER_UNIQUE_ID = 0x81;
const SUBJECT_UNIQUE_ID = 0x82;

/** A certificate's fields (RFC 5280 4.1), each a view into `der`; extensions are decoded when asked for. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The tbsCertificate element: what the signature is over. */
  readonly tbs: Uint8Array;
  readonly serialNumber: SerialNumber;
  /** The Name element as it stands, never re-encoded. */
  readonly issuer: Uint8Array;
  /** The Name element as it stands, never re-encoded. */
  readonly subject: Uint8Array;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  /** The SubjectPublicKeyInfo element. */
  readonly subjectPublicKeyInfo: Uint8Array;
  /** The content of its BIT STRING, without the octet of unused bits. */
  readonly subjectPublicKey: Uint8Array;
  /** The AlgorithmIdentifier element. */
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** The Extensions element, or nothing. */
  readonly extensions: Uint8Array | undefined;
}

/** Hash algorithms that a CertID may use here. */
export type HashName = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/**
 * Reads one DER certificate (RFC 5280 4.1), and nothing after it; else a `DerError` with the byte.
 *
 * It checks the encoding, not the profile: serial numbers of any sign and length, an explicit v1,
 * empty names and extensions of whatever content pass.
 */
export function readCertificate(der: Uint8Array): Certificate {
  const reader = new DerReader(der, "Certificate");
  const outer = reader.open(Tag.sequence);
  const start = reader.offset;
  const fields = readTbsCertificate(reader);
  const tbs = der.subarray(start, reader.offset);
  const algorithmAt = reader.offset;
  const signatureAlgorithm = readAlgorithmIdentifier(reader);
  // RFC 5280 4.1.1.2; the outer one is not signed, so nothing may be read from it alone.
  if (!sameOctets(signatureAlgorithm, fields.signatureAlgorithm)) {
    reader.fail("signatureAlgorithm is not the one in tbsCertificate", algorithmAt);
  }
  const signature = reader.bitString();
  reader.close(outer);
  reader.end();
  return { der, tbs, signature, ...fields };
}

/** A hash of the key: a CertID's issuerKeyHash (RFC 6960 4.1.1), a ResponderID's byKey with SHA-1. */
export function keyHash(
  certificate: Pick<Certificate, "subjectPublicKey">,
  algorithm: HashName,
): Buffer {
  return hash(algorithm, certificate.subjectPublicKey, "buffer");
}

/** A hash of a Name's DER: with the issuer's, a CertID's issuerNameHash (RFC 6960 4.1.1). */
export function nameHash(nameDer: Uint8Array, algorithm: HashName): Buffer {
  return hash(algorithm, nameDer, "buffer");
}

type TbsFields = Omit<Certificate, "der" | "tbs" | "signature">;

function readTbsCertificate(reader: DerReader): TbsFields {
  const outer = reader.open(Tag.sequence);
  readVersion(reader);
  const serialNumber = serialNumberFromDer(reader.integer());
  const signatureAlgorithm = readAlgorithmIdentifier(reader);
  const issuer = reader.element(Tag.sequence);
  const validity = reader.open(Tag.sequence);
  const notBefore = readTime(reader);
  const notAfter = readTime(reader);
  reader.close(validity);
  const subject = reader.element(Tag.sequence);
  const keyAt = reader.offset;
  const subjectPublicKey = readSubjectPublicKey(reader);
  const subjectPublicKeyInfo = reader.bytes.subarray(keyAt, reader.offset);
  if (reader.peek() === ISSUER_UNIQUE_ID) reader.element();
  if (reader.peek() === SUBJECT_UNIQUE_ID) reader.element();
  const extensions = readExtensions(reader);
  reader.close(outer);
  return {
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectPublicKeyInfo,
    subjectPublicKey,
    signatureAlgorithm,
    extensions,
  };
}

function readVersion(reader: DerReader): void {
  if (reader.peek() !== contextTag(0)) return;
  const at = reader.offset;
  const outer = reader.open(contextTag(0));
  if (reader.smallInteger() > 2) reader.fail("version above v3", at);
  reader.close(outer);
}

function readAlgorithmIdentifier(reader: DerReader): Uint8Array {
  const start = reader.offset;
  const outer = reader.open(Tag.sequence);
  reader.element(Tag.oid);
  if (!reader.atEnd) reader.element();
  reader.close(outer);
  return reader.bytes.subarray(start, reader.offset);
}

function readTime(reader: DerReader): UnixSeconds {
  const at = reader.offset;
  const tag = reader.peek() === Tag.generalizedTime ? Tag.generalizedTime : Tag.utcTime;
  const content = reader.content(tag);
  try {
    return timeFromDer(tag, content);
  } catch (error) {
    if (error instanceof DerError) reader.fail(error.message, at);
    throw error;
  }
}

function readSubjectPublicKey(reader: DerReader): Uint8Array {
  const outer = reader.open(Tag.sequence);
  readAlgorithmIdentifier(reader);
  const key = reader.bitString();
  reader.close(outer);
  return key;
}

function readExtensions(reader: DerReader): Uint8Array | undefined {
  if (reader.peek() !== contextTag(3)) return undefined;
  const outer = reader.open(contextTag(3));
  const extensions = reader.element(Tag.sequence);
  reader.close(outer);
  return extensions;
}
