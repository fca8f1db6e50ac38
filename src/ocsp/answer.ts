import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { elementSize, writeHeader } from "../der/writer.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { type AnswerForm, fillForm, type Places, TIME_OCTETS } from "./answer-form.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "./ecdsa-signature.ts";
import { recordNotAfter, recordProducedAt, recordReason } from "./record.ts";
import { type AnswerTemplate, archiveCutoff } from "./template.ts";

/** singleExtensions with archiveCutoff alone, all of it. */
const ARCHIVE_EXTENSIONS = 36;
/** `[0] EXPLICIT ENUMERATED` of one octet. */
const REVOCATION_REASON = 5;
const HOLD = 2;
const HOLD_REASON = 6;
const GOOD = 0;
/** More than any serialNumber's octets, any certStatus, and 2 for archiveCutoff or none. */
const SERIAL_LENGTHS = 64;
const STATUSES = 16;

/** All that decides which octets two answers of one template have in common. */
interface Shape {
  readonly serialLength: number;
  /** `GOOD`, or 1 more than the reason of a revocation. */
  readonly certStatus: number;
  readonly hasCutoff: boolean;
}

/** Sizes of the content of each level, inside out; computed once, written outside in. */
interface Sizes {
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
  const cutoff = cutoffOf(template, record);
  const form = formOf(template, serialNumber.length, record, cutoff, 0);
  const out = Buffer.allocUnsafe(form.octets.length);
  fillForm(form, out, 0, { serialNumber, record, cutoff });
  return out;
}

/**
 * The OCSPResponse of a record (RFC 6960 4.2.1), in a buffer of its own. `signature` are the fixed octets
 * that the record keeps.
 */
export function assembleResponse(
  template: AnswerTemplate,
  serialNumber: SerialNumber,
  record: Buffer,
  signature: Uint8Array,
): Buffer {
  const form = responseForm(template, serialNumber, record, signature);
  const out = Buffer.allocUnsafe(form.octets.length);
  writeResponse(form, out, 0, template, serialNumber, record, signature);
  return out;
}

/** The form that the OCSPResponse of a record fills; the same object for all of one shape. */
export function responseForm(
  template: AnswerTemplate,
  serialNumber: Uint8Array,
  record: Buffer,
  signature: Uint8Array,
): AnswerForm {
  const size = template.ecdsa ? ecdsaSignatureSize(signature) : signature.length;
  const cutoff = cutoffOf(template, record);
  return formOf(template, serialNumber.length, record, cutoff, size);
}

/** Writes the OCSPResponse that fills `form` at `at` of `out`, which has room for all of it. */
export function writeResponse(
  form: AnswerForm,
  out: Uint8Array,
  at: number,
  template: AnswerTemplate,
  serialNumber: Uint8Array,
  record: Buffer,
  signature: Uint8Array,
): void {
  fillForm(form, out, at, { serialNumber, record, cutoff: cutoffOf(template, record) });
  if (template.ecdsa) writeEcdsaSignature(out, at + form.signatureAt, signature);
  else out.set(signature, at + form.signatureAt);
}

function cutoffOf(template: AnswerTemplate, record: Buffer): UnixSeconds | undefined {
  return archiveCutoff(
    template.archive,
    template.issuerNotBefore,
    recordNotAfter(record) || undefined,
    recordProducedAt(record),
  );
}

/** `signatureSize` is that of the signature as it goes out, or 0 for the ResponseData alone. */
function formOf(
  template: AnswerTemplate,
  serialLength: number,
  record: Buffer,
  cutoff: UnixSeconds | undefined,
  signatureSize: number,
): AnswerForm {
  const certStatus = certStatusOf(record);
  const key =
    ((signatureSize * 2 + (cutoff === undefined ? 0 : 1)) * STATUSES + certStatus) *
      SERIAL_LENGTHS +
    serialLength;
  const known = template.forms.get(key);
  if (known) return known;
  const shape = { serialLength, certStatus, hasCutoff: cutoff !== undefined };
  const made =
    signatureSize === 0 ? tbsForm(template, shape) : wholeForm(template, shape, signatureSize);
  template.forms.set(key, made);
  return made;
}

function certStatusOf(record: Buffer): number {
  if (record[0] === GOOD) return GOOD;
  return 1 + (record[0] === HOLD ? HOLD_REASON : recordReason(record));
}

function tbsForm(template: AnswerTemplate, shape: Shape): AnswerForm {
  const sizes = measure(template, shape);
  const octets = Buffer.alloc(elementSize(sizes.tbs));
  const places = noPlaces();
  writeTbs(octets, 0, template, shape, sizes, places);
  return { octets, places, signatureAt: octets.length };
}

function wholeForm(template: AnswerTemplate, shape: Shape, signatureSize: number): AnswerForm {
  const sizes = measure(template, shape);
  const basic =
    elementSize(sizes.tbs) +
    template.signatureAlgorithm.length +
    elementSize(1 + signatureSize) +
    template.certs.length;
  const responseBytes = OIDS.ocspBasic.length + elementSize(elementSize(basic));
  const response = 3 + elementSize(elementSize(responseBytes));
  const out = Buffer.alloc(elementSize(response));
  const places = noPlaces();
  let at = writeHeader(out, 0, Tag.sequence, response);
  at = copy(out, at, Uint8Array.of(Tag.enumerated, 1, 0));
  at = writeHeader(out, at, contextTag(0), elementSize(responseBytes));
  at = writeHeader(out, at, Tag.sequence, responseBytes);
  at = copy(out, at, OIDS.ocspBasic);
  at = writeHeader(out, at, Tag.octetString, elementSize(basic));
  at = writeHeader(out, at, Tag.sequence, basic);
  at = writeTbs(out, at, template, shape, sizes, places);
  at = copy(out, at, template.signatureAlgorithm);
  at = writeHeader(out, at, Tag.bitString, 1 + signatureSize) + 1;
  copy(out, at + signatureSize, template.certs);
  return { octets: out, places, signatureAt: at };
}

function measure(template: AnswerTemplate, { serialLength, certStatus, hasCutoff }: Shape): Sizes {
  // unspecified is said by leaving the reason out, as in CRLs (RFC 5280 5.3.1).
  const reason = certStatus > 1 ? REVOCATION_REASON : 0;
  const revokedInfo = certStatus === GOOD ? 0 : TIME_OCTETS + reason;
  const certID = template.certIDHead.length + elementSize(serialLength);
  const single =
    elementSize(certID) +
    elementSize(revokedInfo) +
    TIME_OCTETS +
    elementSize(TIME_OCTETS) +
    (hasCutoff ? ARCHIVE_EXTENSIONS : 0);
  const responses = elementSize(single);
  const tbs = template.responderID.length + TIME_OCTETS + elementSize(responses);
  return { certID, revokedInfo, single, responses, tbs };
}

/** Writes the ResponseData but for what differs, and notes where that goes; returns the offset after it. */
function writeTbs(
  out: Buffer,
  start: number,
  template: AnswerTemplate,
  shape: Shape,
  sizes: Sizes,
  places: Places,
): number {
  let at = writeHeader(out, start, Tag.sequence, sizes.tbs);
  at = copy(out, at, template.responderID);
  places.producedAt = at;
  at = writeHeader(out, at + TIME_OCTETS, Tag.sequence, sizes.responses);
  at = writeHeader(out, at, Tag.sequence, sizes.single);
  at = writeHeader(out, at, Tag.sequence, sizes.certID);
  at = copy(out, at, template.certIDHead);
  places.serialNumber = writeHeader(out, at, Tag.integer, shape.serialLength);
  at = writeCertStatus(out, places.serialNumber + shape.serialLength, shape, sizes, places);
  places.thisUpdate = at;
  places.nextUpdate = writeHeader(out, at + TIME_OCTETS, contextTag(0), TIME_OCTETS);
  at = places.nextUpdate + TIME_OCTETS;
  return shape.hasCutoff ? writeArchiveCutoff(out, at, places) : at;
}

function writeCertStatus(
  out: Buffer,
  at: number,
  { certStatus }: Shape,
  sizes: Sizes,
  places: Places,
): number {
  if (certStatus === GOOD) return writeHeader(out, at, 0x80, 0);
  places.revocationDate = writeHeader(out, at, contextTag(1), sizes.revokedInfo);
  const end = places.revocationDate + TIME_OCTETS;
  if (certStatus === 1) return end;
  const reason = writeHeader(out, writeHeader(out, end, contextTag(0), 3), Tag.enumerated, 1);
  out[reason] = certStatus - 1;
  return reason + 1;
}

function writeArchiveCutoff(out: Buffer, start: number, places: Places): number {
  let at = writeHeader(out, start, contextTag(1), ARCHIVE_EXTENSIONS - 2);
  at = writeHeader(out, at, Tag.sequence, ARCHIVE_EXTENSIONS - 4);
  at = writeHeader(out, at, Tag.sequence, ARCHIVE_EXTENSIONS - 6);
  at = copy(out, at, OIDS.ocspArchiveCutoff);
  places.archiveCutoff = writeHeader(out, at, Tag.octetString, TIME_OCTETS);
  return places.archiveCutoff + TIME_OCTETS;
}

function noPlaces(): Places {
  return {
    producedAt: 0,
    serialNumber: 0,
    revocationDate: 0,
    thisUpdate: 0,
    nextUpdate: 0,
    archiveCutoff: 0,
  };
}

function copy(out: Buffer, at: number, octets: Uint8Array): number {
  out.set(octets, at);
  return at + octets.length;
}
