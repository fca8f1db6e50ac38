import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, DerReader, Tag } from "../der/reader.ts";
import { timeFromDer, type UnixSeconds } from "../der/time.ts";

/** A decoded successful OCSPResponse with exactly one SingleResponse, as this responder makes them. */
export interface SingleAnswer {
  readonly tbsResponseData: Uint8Array;
  readonly responderKeyHash: Uint8Array;
  readonly producedAt: UnixSeconds;
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
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly certs: readonly Uint8Array[];
}

/**
 * Reads an answer back, strictly: only what this responder may write is let through (RFC 6960 4.2.1,
 * RFC 9919 3.2), anything else is a `DerError`. It shares nothing with the encoder.
 */
export function readSingleAnswer(der: Uint8Array): SingleAnswer {
  const reader = new DerReader(der, "OCSPResponse");
  reader.open(Tag.sequence);
  if (reader.smallInteger(Tag.enumerated) !== 0) reader.fail("responseStatus is not successful");
  reader.open(contextTag(0));
  reader.open(Tag.sequence);
  if (!sameOctets(reader.element(Tag.oid), OIDS.ocspBasic)) reader.fail("not id-pkix-ocsp-basic");
  const basic = reader.content(Tag.octetString);
  reader.end();
  if (reader.offset !== der.length) reader.fail("trailing octets");
  return readBasicResponse(new DerReader(basic, "BasicOCSPResponse"));
}

function readBasicResponse(reader: DerReader): SingleAnswer {
  const outer = reader.open(Tag.sequence);
  const tbsResponseData = reader.element(Tag.sequence);
  const signatureAlgorithm = reader.element(Tag.sequence);
  const signature = reader.bitString();
  const certs = reader.atEnd ? [] : readCerts(reader);
  reader.close(outer);
  reader.end();
  return {
    ...readResponseData(new DerReader(tbsResponseData, "ResponseData")),
    tbsResponseData,
    signatureAlgorithm,
    signature,
    certs,
  };
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

type ResponseData = Omit<
  SingleAnswer,
  "tbsResponseData" | "signatureAlgorithm" | "signature" | "certs"
>;

function readResponseData(reader: DerReader): ResponseData {
  const outer = reader.open(Tag.sequence);
  const byKey = reader.open(contextTag(2));
  const responderKeyHash = reader.content(Tag.octetString);
  reader.close(byKey);
  const producedAt = readTime(reader);
  const responses = reader.open(Tag.sequence);
  const single = reader.open(Tag.sequence);
  const certID = readCertID(reader);
  const status = readCertStatus(reader);
  const thisUpdate = readTime(reader);
  const next = reader.open(contextTag(0));
  const nextUpdate = readTime(reader);
  reader.close(next);
  const archiveCutoff = reader.atEnd ? undefined : readArchiveCutoff(reader);
  reader.close(single);
  reader.close(responses);
  reader.close(outer);
  return {
    responderKeyHash,
    producedAt,
    ...certID,
    ...status,
    thisUpdate,
    nextUpdate,
    archiveCutoff,
  };
}

function readCertID(
  reader: DerReader,
): Pick<SingleAnswer, "hashAlgorithm" | "issuerNameHash" | "issuerKeyHash" | "serialNumber"> {
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
): Pick<SingleAnswer, "certStatus" | "revocationDate" | "reason"> {
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
