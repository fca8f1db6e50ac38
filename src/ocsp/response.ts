import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, DerReader, Tag } from "../der/reader.ts";
import { timeFromDer, type UnixSeconds } from "../der/time.ts";
import { NULL } from "../der/writer.ts";

/** A decoded SingleResponse, as this responder makes them (RFC 6960 4.2.1). */
export interface SingleResponse {
  readonly hashAlgorithm: Uint8Array;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly certStatus: "good" | "revoked" | "unknown";
  readonly revocationDate: UnixSeconds | undefined;
  readonly reason: number | undefined;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly archiveCutoff: UnixSeconds | undefined;
}

/** What a decoded successful OCSPResponse has besides its SingleResponses. */
export interface ResponseFrame {
  readonly tbsResponseData: Uint8Array;
  readonly responderKeyHash: Uint8Array;
  readonly producedAt: UnixSeconds;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly certs: readonly Uint8Array[];
}

/** An answer with exactly one SingleResponse and no responseExtensions, as those that are pre-signed. */
export type SingleAnswer = ResponseFrame & SingleResponse;

/** An answer to whatever was asked. */
export interface LiveAnswer extends ResponseFrame {
  readonly responses: readonly SingleResponse[];
  /** The content of the nonce's extnValue. */
  readonly nonce: Uint8Array | undefined;
  readonly extendedRevoke: boolean;
}

/**
 * Reads a pre-signed answer back, strictly: only what this responder may write is let through (RFC 6960
 * 4.2.1, RFC 9919 3.2), anything else is a `DerError`. It shares nothing with the encoder.
 */
export function readSingleAnswer(der: Uint8Array): SingleAnswer {
  const { frame, data } = readOuter(der);
  const outer = data.open(Tag.sequence);
  const head = readHead(data);
  const responses = data.open(Tag.sequence);
  const single = readSingleResponse(data);
  data.close(responses);
  data.close(outer);
  return { ...frame, ...head, ...single };
}

/** Reads a live answer back, as strictly; one or more SingleResponses, a nonce, extended-revoke. */
export function readLiveAnswer(der: Uint8Array): LiveAnswer {
  const { frame, data } = readOuter(der);
  const outer = data.open(Tag.sequence);
  const head = readHead(data);
  const list = data.open(Tag.sequence);
  const responses = [readSingleResponse(data)];
  while (!data.atEnd) responses.push(readSingleResponse(data));
  data.close(list);
  const extensions = readResponseExtensions(data);
  data.close(outer);
  return { ...frame, ...head, responses, ...extensions };
}

type Outer = Omit<ResponseFrame, "responderKeyHash" | "producedAt">;

function readOuter(der: Uint8Array): { frame: Outer; data: DerReader } {
  const reader = new DerReader(der, "OCSPResponse");
  reader.open(Tag.sequence);
  if (reader.smallInteger(Tag.enumerated) !== 0) reader.fail("responseStatus is not successful");
  reader.open(contextTag(0));
  reader.open(Tag.sequence);
  if (!sameOctets(reader.element(Tag.oid), OIDS.ocspBasic)) reader.fail("not id-pkix-ocsp-basic");
  const basic = reader.content(Tag.octetString);
  reader.end();
  if (reader.offset !== der.length) reader.fail("trailing octets");
  const frame = readBasicResponse(new DerReader(basic, "BasicOCSPResponse"));
  return { frame, data: new DerReader(frame.tbsResponseData, "ResponseData") };
}

function readBasicResponse(reader: DerReader): Outer {
  const outer = reader.open(Tag.sequence);
  const tbsResponseData = reader.element(Tag.sequence);
  const signatureAlgorithm = reader.element(Tag.sequence);
  const signature = reader.bitString();
  const certs = reader.atEnd ? [] : readCerts(reader);
  reader.close(outer);
  reader.end();
  return { tbsResponseData, signatureAlgorithm, signature, certs };
}

function readCerts(reader: DerReader): Uint8Array[] {
  const outer = reader.open(contextTag(0));
  const list = reader.open(Tag.sequence);
  const certs: Uint8Array[] = [];
  while (!reader.atEnd) certs.push(reader.element(Tag.sequence));
  reader.close(list);
  reader.close(outer);
  return certs;
}

function readHead(reader: DerReader): Pick<ResponseFrame, "responderKeyHash" | "producedAt"> {
  const byKey = reader.open(contextTag(2));
  const responderKeyHash = reader.content(Tag.octetString);
  reader.close(byKey);
  return { responderKeyHash, producedAt: readTime(reader) };
}

function readSingleResponse(reader: DerReader): SingleResponse {
  const single = reader.open(Tag.sequence);
  const certID = readCertID(reader);
  const status = readCertStatus(reader);
  const thisUpdate = readTime(reader);
  const next = reader.open(contextTag(0));
  const nextUpdate = readTime(reader);
  reader.close(next);
  const archiveCutoff = reader.atEnd ? undefined : readArchiveCutoff(reader);
  reader.close(single);
  return { ...certID, ...status, thisUpdate, nextUpdate, archiveCutoff };
}

/** A nonce, then extended-revoke, neither critical: as the encoder is to write them (RFC 6960 4.4). */
function readResponseExtensions(reader: DerReader): Pick<LiveAnswer, "nonce" | "extendedRevoke"> {
  let nonce: Uint8Array | undefined;
  let extendedRevoke = false;
  if (reader.atEnd) return { nonce, extendedRevoke };
  const explicit = reader.open(contextTag(1));
  const list = reader.open(Tag.sequence);
  do {
    const { oid, value } = readExtension(reader);
    const isFirst = !nonce && !extendedRevoke;
    if (isFirst && sameOctets(oid, OIDS.ocspNonce)) nonce = value;
    else if (!extendedRevoke && isExtendedRevoke(oid, value)) extendedRevoke = true;
    else reader.fail("an extension other than nonce and extended-revoke");
  } while (!reader.atEnd);
  reader.close(list);
  reader.close(explicit);
  return { nonce, extendedRevoke };
}

function isExtendedRevoke(oid: Uint8Array, value: Uint8Array): boolean {
  return sameOctets(oid, OIDS.ocspExtendedRevoke) && sameOctets(value, NULL);
}

function readExtension(reader: DerReader): { oid: Uint8Array; value: Uint8Array } {
  const outer = reader.open(Tag.sequence);
  const extension = { oid: reader.element(Tag.oid), value: reader.content(Tag.octetString) };
  reader.close(outer);
  return extension;
}

function readCertID(
  reader: DerReader,
): Pick<SingleResponse, "hashAlgorithm" | "issuerNameHash" | "issuerKeyHash" | "serialNumber"> {
  const outer = reader.open(Tag.sequence);
  const certID = {
    hashAlgorithm: reader.element(Tag.sequence),
    issuerNameHash: reader.content(Tag.octetString),
    issuerKeyHash: reader.content(Tag.octetString),
    serialNumber: reader.integer(),
  };
  reader.close(outer);
  return certID;
}

function readCertStatus(
  reader: DerReader,
): Pick<SingleResponse, "certStatus" | "revocationDate" | "reason"> {
  if (reader.peek() !== contextTag(1)) {
    const certStatus = reader.peek() === 0x80 ? "good" : "unknown";
    if (reader.content(certStatus === "good" ? 0x80 : 0x82).length > 0) reader.fail("not NULL");
    return { certStatus, revocationDate: undefined, reason: undefined };
  }
  const outer = reader.open(contextTag(1));
  const revocationDate = readTime(reader);
  const reason = reader.atEnd ? undefined : readReason(reader);
  reader.close(outer);
  return { certStatus: "revoked", revocationDate, reason };
}

function readReason(reader: DerReader): number {
  const outer = reader.open(contextTag(0));
  const reason = reader.smallInteger(Tag.enumerated);
  reader.close(outer);
  return reason;
}

function readArchiveCutoff(reader: DerReader): UnixSeconds {
  const explicit = reader.open(contextTag(1));
  const list = reader.open(Tag.sequence);
  const extension = reader.open(Tag.sequence);
  if (!sameOctets(reader.element(Tag.oid), OIDS.ocspArchiveCutoff)) {
    reader.fail("an extension other than archiveCutoff");
  }
  const value = reader.open(Tag.octetString);
  const cutoff = readTime(reader);
  for (const outer of [value, extension, list, explicit]) reader.close(outer);
  return cutoff;
}

function readTime(reader: DerReader): UnixSeconds {
  return timeFromDer(Tag.generalizedTime, reader.content(Tag.generalizedTime));
}
