import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, DerError, DerReader, Tag } from "../der/reader.ts";
import { type SerialNumber, serialNumberFromDer } from "../x509/serial-number.ts";
import {
  type Extension,
  findExtension,
  REQUEST_EXTENSIONS,
  readExtensions,
  refuseUnknownCritical,
  SINGLE_REQUEST_EXTENSIONS,
} from "./extensions.ts";
import { type HashName, hashOfOid } from "./hash.ts";
import { type Nonce, nonceOf } from "./nonce.ts";

/** CertID (RFC 6960 4.1.1). `hash` is undefined where the algorithm is not one that is answered. */
export interface CertID {
  readonly hash: HashName | undefined;
  /** The algorithm's OBJECT IDENTIFIER, whole. */
  readonly hashAlgorithm: Uint8Array;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialNumber: SerialNumber;
}

/** What of an OCSPRequest decides its answer; at least one CertID. */
export interface OCSPRequest {
  readonly certIDs: readonly [CertID, ...CertID[]];
  readonly nonce: Nonce | undefined;
}

/** More CertIDs in one request are refused. */
export const MOST_CERT_IDS = 20;

/**
 * Reads an OCSPRequest (RFC 6960 4.1.1), strictly, from octets that a stranger sent.
 *
 * A signature and a requestorName are passed over (RFC 9919 3.1.2). Not DER, trailing octets, a version
 * other than v1, no CertID or more than `MOST_CERT_IDS`, an unrecognised critical or repeated extension,
 * a nonce that RFC 9654 forbids: all give the `DerError` as a value, never an exception.
 */
export function readRequest(der: Uint8Array): OCSPRequest | DerError {
  try {
    return ocspRequest(new DerReader(der, "OCSPRequest"));
  } catch (error) {
    if (error instanceof DerError) return error;
    throw error;
  }
}

function ocspRequest(reader: DerReader): OCSPRequest {
  const request = reader.open(Tag.sequence);
  const tbs = reader.open(Tag.sequence);
  readVersion(reader);
  passRequestorName(reader);
  const certIDs = readRequestList(reader);
  const extensions = readExtensions(reader, 2);
  const nonce = checkRequestExtensions(reader, extensions);
  reader.close(tbs);
  passSignature(reader);
  reader.close(request);
  reader.end();
  return { certIDs, nonce };
}

/** v1 written out is not DER (X.690 11.5) but harmless; any other version is not ours. */
function readVersion(reader: DerReader): void {
  if (reader.peek() !== contextTag(0)) return;
  const at = reader.offset;
  const outer = reader.open(contextTag(0));
  if (reader.smallInteger() !== 0) reader.fail("version is not v1", at);
  reader.close(outer);
}

/** A GeneralName of whichever kind (RFC 5280 4.2.1.6). */
function passRequestorName(reader: DerReader): void {
  if (reader.peek() !== contextTag(1)) return;
  const outer = reader.open(contextTag(1));
  const at = reader.offset;
  const [tag = 0] = reader.element();
  if (!isContextSpecific(tag)) reader.fail("not a GeneralName", at);
  reader.close(outer);
}

function isContextSpecific(tag: number): boolean {
  return tag >> 6 === 2;
}

function passSignature(reader: DerReader): void {
  if (reader.peek() !== contextTag(0)) return;
  const outer = reader.open(contextTag(0));
  const signature = reader.open(Tag.sequence);
  reader.pass(Tag.sequence);
  reader.pass(Tag.bitString);
  if (!reader.atEnd) {
    const certs = reader.open(contextTag(0));
    reader.pass(Tag.sequence);
    reader.close(certs);
  }
  reader.close(signature);
  reader.close(outer);
}

function readRequestList(reader: DerReader): [CertID, ...CertID[]] {
  const outer = reader.open(Tag.sequence);
  const certIDs: [CertID, ...CertID[]] = [readSingleRequest(reader)];
  while (!reader.atEnd) {
    if (certIDs.length === MOST_CERT_IDS) reader.fail("too many CertIDs");
    certIDs.push(readSingleRequest(reader));
  }
  reader.close(outer);
  return certIDs;
}

function readSingleRequest(reader: DerReader): CertID {
  const outer = reader.open(Tag.sequence);
  const certID = readCertID(reader);
  const extensions = readExtensions(reader, 0);
  refuseUnknownCritical(reader, extensions, SINGLE_REQUEST_EXTENSIONS);
  reader.close(outer);
  return certID;
}

function readCertID(reader: DerReader): CertID {
  const at = reader.offset;
  const outer = reader.open(Tag.sequence);
  const { oid: hashAlgorithm, hash } = readHashAlgorithm(reader);
  const issuerNameHash = reader.content(Tag.octetString);
  const issuerKeyHash = reader.content(Tag.octetString);
  if (hash && (issuerNameHash.length !== hash.size || issuerKeyHash.length !== hash.size)) {
    reader.fail("hash of the wrong length", at);
  }
  const serialNumber = serialNumberFromDer(reader.integer());
  reader.close(outer);
  return { hash: hash?.name, hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
}

/** Parameters NULL and absent mean the same (RFC 5754 2); those of unknown algorithms are passed over. */
function readHashAlgorithm(reader: DerReader): {
  oid: Uint8Array;
  hash: ReturnType<typeof hashOfOid>;
} {
  const outer = reader.open(Tag.sequence);
  const oid = reader.oid();
  const hash = hashOfOid(oid);
  if (!reader.atEnd) {
    const parameters = reader.element();
    if (hash && !(parameters[0] === Tag.null && parameters.length === 2)) {
      reader.fail("hash parameters are not NULL");
    }
  }
  reader.close(outer);
  return { oid, hash };
}

function checkRequestExtensions(
  reader: DerReader,
  extensions: readonly Extension[],
): Nonce | undefined {
  if (extensions.length === 0) return undefined;
  refuseUnknownCritical(reader, extensions, REQUEST_EXTENSIONS);
  const acceptable = findExtension(extensions, OIDS.ocspResponse);
  if (acceptable && !acceptsBasic(acceptable.value)) {
    reader.fail("id-pkix-ocsp-basic is not an acceptable response type");
  }
  const nonce = findExtension(extensions, OIDS.ocspNonce);
  return nonce && nonceOf(nonce);
}

function acceptsBasic(acceptableResponses: Uint8Array): boolean {
  const reader = new DerReader(acceptableResponses, "AcceptableResponses");
  const outer = reader.open(Tag.sequence);
  let basic = false;
  while (!reader.atEnd) basic = sameOctets(reader.oid(), OIDS.ocspBasic) || basic;
  reader.close(outer);
  reader.end();
  return basic;
}
