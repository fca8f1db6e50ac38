import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { type UnixSeconds, writeGeneralizedTimeText } from "../der/time.ts";
import { elementSize, writeHeader } from "../der/writer.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "./ecdsa-signature.ts";
import {
  recordNextUpdate,
  recordNotAfter,
  recordProducedAt,
  recordReason,
  recordRevocationDate,
  recordThisUpdate,
} from "./record.ts";
import { type AnswerTemplate, archiveCutoff } from "./template.ts";

/** A GeneralizedTime element: 18 0F and its 15 characters. */
const TIME = 17;
/** singleExtensions with archiveCutoff alone, all of it. */
const ARCHIVE_EXTENSIONS = 36;
/** `[0] EXPLICIT ENUMERATED` of one octet. */
const REVOCATION_REASON = 5;
const HOLD_REASON = 6;

/** Sizes of the content of each level, inside out; computed once, written outside in. */
interface Sizes {
  readonly cutoff: UnixSeconds | undefined;
  readonly reason: number;
  readonly certID: number;
  readonly revokedInfo: number;
  readonly single: number;
  readonly responses: number;
  readonly tbs: number;
}

/**
 * The ResponseData that `record` and `template` make for this serialNumber (RFC 6960 4.2.1), whole:
 * what a signer signs. The record's signatures are not looked at.
 */
export function assembleTbs(
  template: AnswerTemplate,
  serialNumber: SerialNumber,
  record: Buffer,
): Buffer {
  const sizes = measure(template, serialNumber, record);
  const out = Buffer.allocUnsafe(elementSize(sizes.tbs));
  writeTbs(out, 0, template, serialNumber, record, sizes);
  return out;
}

/**
 * The OCSPResponse of a record (RFC 6960 4.2.1), in one new buffer that has `room` octets before it.
 * `signature` are the fixed octets that the record keeps.
 */
export function assembleResponse(
  template: AnswerTemplate,
  serialNumber: SerialNumber,
  record: Buffer,
  signature: Uint8Array,
  room = 0,
): Buffer {
  const sizes = measure(template, serialNumber, record);
  const signatureSize = template.ecdsa ? ecdsaSignatureSize(signature) : signature.length;
  const basic =
    elementSize(sizes.tbs) +
    template.signatureAlgorithm.length +
    elementSize(1 + signatureSize) +
    template.certs.length;
  const responseBytes = OIDS.ocspBasic.length + elementSize(elementSize(basic));
  const response = 3 + elementSize(elementSize(responseBytes));
  const out = Buffer.allocUnsafe(room + elementSize(response));
  let at = writeHeader(out, room, Tag.sequence, response);
  out[at++] = Tag.enumerated;
  out[at++] = 1;
  out[at++] = 0;
  at = writeHeader(out, at, contextTag(0), elementSize(responseBytes));
  at = writeHeader(out, at, Tag.sequence, responseBytes);
  at = copy(out, at, OIDS.ocspBasic);
  at = writeHeader(out, at, Tag.octetString, elementSize(basic));
  at = writeHeader(out, at, Tag.sequence, basic);
  at = writeTbs(out, at, template, serialNumber, record, sizes);
  at = copy(out, at, template.signatureAlgorithm);
  at = writeHeader(out, at, Tag.bitString, 1 + signatureSize);
  out[at++] = 0;
  at = template.ecdsa ? writeEcdsaSignature(out, at, signature) : copy(out, at, signature);
  copy(out, at, template.certs);
  return out;
}

function measure(template: AnswerTemplate, serialNumber: SerialNumber, record: Buffer): Sizes {
  const revoked = record[0] !== 0;
  const reason = record[0] === 2 ? HOLD_REASON : recordReason(record);
  // unspecified is said by leaving the reason out, as in CRLs (RFC 5280 5.3.1).
  const revokedInfo = revoked ? TIME + (reason === 0 ? 0 : REVOCATION_REASON) : 0;
  const certID = template.certIDHead.length + elementSize(serialNumber.length);
  const cutoff = archiveCutoff(
    template.archive,
    template.issuerNotBefore,
    recordNotAfter(record) || undefined,
    recordProducedAt(record),
  );
  const single =
    elementSize(certID) +
    elementSize(revokedInfo) +
    TIME +
    elementSize(TIME) +
    (cutoff === undefined ? 0 : ARCHIVE_EXTENSIONS);
  const responses = elementSize(single);
  const tbs = template.responderID.length + TIME + elementSize(responses);
  return { cutoff, reason, certID, revokedInfo, single, responses, tbs };
}

function writeTbs(
  out: Buffer,
  start: number,
  template: AnswerTemplate,
  serialNumber: SerialNumber,
  record: Buffer,
  sizes: Sizes,
): number {
  let at = writeHeader(out, start, Tag.sequence, sizes.tbs);
  at = copy(out, at, template.responderID);
  at = writeTime(out, at, recordProducedAt(record));
  at = writeHeader(out, at, Tag.sequence, sizes.responses);
  at = writeHeader(out, at, Tag.sequence, sizes.single);
  at = writeHeader(out, at, Tag.sequence, sizes.certID);
  at = copy(out, at, template.certIDHead);
  at = writeHeader(out, at, Tag.integer, serialNumber.length);
  at = copy(out, at, serialNumber);
  at = writeCertStatus(out, at, record, sizes);
  at = writeTime(out, at, recordThisUpdate(record));
  at = writeHeader(out, at, contextTag(0), TIME);
  at = writeTime(out, at, recordNextUpdate(record));
  return sizes.cutoff === undefined ? at : writeArchiveCutoff(out, at, sizes.cutoff);
}

function writeCertStatus(out: Buffer, at: number, record: Buffer, sizes: Sizes): number {
  if (sizes.revokedInfo === 0) return writeHeader(out, at, 0x80, 0);
  const info = writeHeader(out, at, contextTag(1), sizes.revokedInfo);
  const end = writeTime(out, info, recordRevocationDate(record));
  if (sizes.reason === 0) return end;
  const reason = writeHeader(out, writeHeader(out, end, contextTag(0), 3), Tag.enumerated, 1);
  out[reason] = sizes.reason;
  return reason + 1;
}

function writeArchiveCutoff(out: Buffer, start: number, cutoff: UnixSeconds): number {
  let at = writeHeader(out, start, contextTag(1), ARCHIVE_EXTENSIONS - 2);
  at = writeHeader(out, at, Tag.sequence, ARCHIVE_EXTENSIONS - 4);
  at = writeHeader(out, at, Tag.sequence, ARCHIVE_EXTENSIONS - 6);
  at = copy(out, at, OIDS.ocspArchiveCutoff);
  at = writeHeader(out, at, Tag.octetString, TIME);
  return writeTime(out, at, cutoff);
}

function writeTime(out: Buffer, at: number, time: UnixSeconds): number {
  out[at] = Tag.generalizedTime;
  out[at + 1] = TIME - 2;
  writeGeneralizedTimeText(out, at + 2, time);
  return at + TIME;
}

function copy(out: Buffer, at: number, octets: Uint8Array): number {
  out.set(octets, at);
  return at + octets.length;
}
