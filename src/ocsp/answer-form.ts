import { Tag } from "../der/reader.ts";
import { type UnixSeconds, writeGeneralizedTimeText } from "../der/time.ts";
import {
  recordNextUpdate,
  recordProducedAt,
  recordRevocationDate,
  recordThisUpdate,
} from "./record.ts";

/** A GeneralizedTime element: 18 0F and its 15 characters. */
export const TIME_OCTETS = 17;

/** Where in a form the octets go that each answer has for itself; 0 for what this shape does not have. */
export interface Places {
  producedAt: number;
  serialNumber: number;
  revocationDate: number;
  thisUpdate: number;
  nextUpdate: number;
  archiveCutoff: number;
}

/** What all answers of one shape have in common: their octets whole, with 0 where each has its own. */
export interface AnswerForm {
  readonly octets: Buffer;
  readonly places: Readonly<Places>;
  /** Where the signature as it goes out begins; the end of the octets in the form of a ResponseData. */
  readonly signatureAt: number;
}

/** What an answer has for itself. */
export interface Filling {
  readonly serialNumber: Uint8Array;
  /** The record's octets; any signatures in it are not looked at. */
  readonly record: Buffer;
  readonly cutoff: UnixSeconds | undefined;
}

/**
 * Writes the answer that fills the form at `at` of `out`, all but its signature: one copy and a few octets,
 * where writing every header anew took as long as all the rest of a request.
 */
export function fillForm(
  form: AnswerForm,
  out: Uint8Array,
  at: number,
  { serialNumber, record, cutoff }: Filling,
): void {
  const { octets, places } = form;
  out.set(octets, at);
  writeTime(out, at + places.producedAt, recordProducedAt(record));
  const serialAt = at + places.serialNumber;
  for (let i = 0; i < serialNumber.length; i++) out[serialAt + i] = serialNumber[i] as number;
  if (places.revocationDate > 0) {
    writeTime(out, at + places.revocationDate, recordRevocationDate(record));
  }
  writeTime(out, at + places.thisUpdate, recordThisUpdate(record));
  writeTime(out, at + places.nextUpdate, recordNextUpdate(record));
  if (cutoff !== undefined) writeTime(out, at + places.archiveCutoff, cutoff);
}

function writeTime(out: Uint8Array, at: number, time: UnixSeconds): void {
  out[at] = Tag.generalizedTime;
  out[at + 1] = TIME_OCTETS - 2;
  writeGeneralizedTimeText(out, at + 2, time);
}
