import { OIDS } from "../der/oids.ts";
import { Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { element, sequence } from "../der/writer.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import {
  LONGEST_SERIAL_NUMBER,
  type SerialNumber,
  serialNumberText,
} from "../x509/serial-number.ts";
import { LONGEST_TIME, writeGeneralizedTime, writeX509Time } from "./time-writer.ts";

/** One revoked certificate as a CRL lists it (RFC 5280 5.1.2.6, 5.3). */
export interface RevokedEntry {
  readonly serialNumber: SerialNumber;
  readonly revocationDate: UnixSeconds;
  readonly reason: ReasonCode;
  readonly invalidityDate: UnixSeconds | undefined;
}

const CHUNK_OCTETS = 256 * 1024;
const LONGEST_ENTRY = 128;

/** reasonCode as a whole Extension, by its number; unspecified is left out (RFC 5280 5.3.1). */
const reasonExtensions: readonly Uint8Array[] = Array.from({ length: 11 }, (_, code) =>
  code === CRLReason.unspecified
    ? new Uint8Array(0)
    : sequence(
        OIDS.crlReason,
        element(Tag.octetString, element(Tag.enumerated, Uint8Array.of(code))),
      ),
);

/** invalidityDate with room for its GeneralizedTime at the end (RFC 5280 5.3.2). */
const invalidityDateExtension: Uint8Array = sequence(
  OIDS.invalidityDate,
  element(Tag.octetString, new Uint8Array(LONGEST_TIME)),
);

/**
 * The entries of one revokedCertificates, encoded one after the other as they are added.
 * The order of adding is the order on the CRL: ascending by serial number, which `proveCRL` checks.
 */
export class EntryBuffer {
  readonly #chunks: Uint8Array[] = [];
  #open: Uint8Array = new Uint8Array(0);
  #used = 0;
  #closedOctets = 0;
  #count = 0;

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /** How many octets the entries take. */
  get byteLength(): number {
    return this.#closedOctets + this.#used;
  }

  /** The encoded entries in order, as views: to be used before the next `add`. */
  chunks(): Uint8Array[] {
    return [...this.#chunks, this.#open.subarray(0, this.#used)];
  }

  /**
   * Adds one entry. A serial number of no or over `LONGEST_SERIAL_NUMBER` octets and a time that
   * X.509 cannot write are a `RangeError`, and nothing is added.
   */
  add(entry: RevokedEntry): void {
    const serialOctets = entry.serialNumber.length;
    if (serialOctets === 0 || serialOctets > LONGEST_SERIAL_NUMBER) throw notASerialNumber(entry);
    this.#makeRoom();
    const into = this.#open;
    let offset = this.#used + 2;
    into[offset] = Tag.integer;
    into[offset + 1] = serialOctets;
    into.set(entry.serialNumber, offset + 2);
    offset = writeX509Time(into, offset + 2 + serialOctets, entry.revocationDate);
    offset = writeExtensions(into, offset, entry);
    into[this.#used] = Tag.sequence;
    into[this.#used + 1] = offset - this.#used - 2;
    this.#used = offset;
    this.#count++;
  }

  // No entry reaches LONGEST_ENTRY octets, so every length in it takes one octet.
  #makeRoom(): void {
    if (this.#open.length - this.#used >= LONGEST_ENTRY) return;
    if (this.#used > 0) this.#chunks.push(this.#open.subarray(0, this.#used));
    this.#closedOctets += this.#used;
    this.#open = new Uint8Array(CHUNK_OCTETS);
    this.#used = 0;
  }
}

function writeExtensions(into: Uint8Array, start: number, entry: RevokedEntry): number {
  const { reason, invalidityDate } = entry;
  if (reason === CRLReason.unspecified && invalidityDate === undefined) return start;
  const reasonExtension = reasonExtensions[reason] as Uint8Array;
  into.set(reasonExtension, start + 2);
  let offset = start + 2 + reasonExtension.length;
  if (invalidityDate !== undefined) {
    into.set(invalidityDateExtension, offset);
    offset += invalidityDateExtension.length;
    writeGeneralizedTime(into, offset - LONGEST_TIME, invalidityDate);
  }
  into[start] = Tag.sequence;
  into[start + 1] = offset - start - 2;
  return offset;
}

function notASerialNumber({ serialNumber }: RevokedEntry): RangeError {
  return new RangeError(
    `serial number "${serialNumberText(serialNumber)}" has ${serialNumber.length} octets: a CRL lists 1 to ${LONGEST_SERIAL_NUMBER}`,
  );
}
