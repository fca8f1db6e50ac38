import { elementEnd } from "../der/element-end.ts";
import { DerReader, Tag } from "../der/reader.ts";
import { serialNumberFromDer } from "../x509/serial-number.ts";
import { readHead } from "./certificate-list.ts";
import type { RevokedEntry } from "./entry.ts";
import { EntryReader } from "./entry-reader.ts";

/** An entry that is no longer on the CRL. */
export type Removal = Pick<RevokedEntry, "serialNumber" | "reason">;

/** Puts the next octets of a CRL at the beginning of `into`; returns how many, 0 at the end. */
export type OctetSource = (into: Uint8Array) => number;

const WHAT = "CertificateList";
const WINDOW_OCTETS = 1_048_576;
/** The limit of a reader over the beginning of something whose end has not come yet. */
const OPEN_END = Number.MAX_SAFE_INTEGER;
const HEADER = 2;
const NO_MORE: OctetSource = () => 0;

/**
 * Walks the entries of a CRL by their octets, of which it reads the serialNumber alone: a million in 50 ms, a
 * tenth of what `EntryReader` takes. It is for CRLs that were read strictly before. Serial numbers must
 * ascend by their octets; one that does not, and what is no entry, is a `DerError`.
 */
export class EntryOctets {
  readonly #octets: Uint8Array;
  readonly #source: OctetSource;
  #filled: number;
  /** How many octets came before those that are held. */
  #base = 0;
  #limit = 0;
  #atEnd = false;
  // The entry that was met last, and its serialNumber.
  #start = 0;
  #end = 0;
  #serialAt = 0;
  #serialOctets = 0;

  private constructor(octets: Uint8Array, filled: number, source: OctetSource) {
    this.#octets = octets;
    this.#filled = filled;
    this.#source = source;
    while (this.#fill());
    this.#openEntries();
  }

  /** Those of a CRL that is in memory. */
  static of(der: Uint8Array): EntryOctets {
    return new EntryOctets(der, der.length, NO_MORE);
  }

  /** Those of a CRL that comes in pieces, of which no more than a mebibyte is held. */
  static from(source: OctetSource): EntryOctets {
    return new EntryOctets(new Uint8Array(WINDOW_OCTETS), 0, source);
  }

  /** Goes to the next entry; false when there is none. */
  next(): boolean {
    this.#atEnd = this.#end >= this.#limit;
    if (this.#atEnd) return false;
    let end = elementEnd(this.#octets, this.#end);
    while (end > this.#filled && this.#readOn()) end = elementEnd(this.#octets, this.#end);
    if (end > this.#filled || end > this.#limit) return this.#fail("ends too early", this.#end);
    const [lastAt, lastOctets] = [this.#serialAt, this.#serialOctets];
    this.#start = this.#end;
    this.#end = end;
    this.#findSerialNumber();
    // Before the first entry the last is empty, and below every serial number.
    if (this.#order(this.#octets, lastAt, lastOctets) > 0) return true;
    return this.#fail("serial number not above the one before it", this.#start);
  }

  /** Whether `next` has found that there is none. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** As `compareSerialNumbers`: below 0 where this entry comes before the other's; the end comes last. */
  compareTo(other: EntryOctets): number {
    if (this.#atEnd) return 1;
    return this.#order(other.#octets, other.#serialAt, other.#serialOctets);
  }

  /** The same, for a serialNumber. */
  compareToSerialNumber(serialNumber: Uint8Array): number {
    return this.#atEnd ? 1 : this.#order(serialNumber, 0, serialNumber.length);
  }

  /** A copy of what tells of its removal. */
  removal(): Removal {
    const entry = new EntryReader(this.#reader(this.#start, this.#end));
    entry.next();
    const serialNumber = serialNumberFromDer(Uint8Array.from(entry.serialNumber));
    return { serialNumber, reason: entry.reason };
  }

  #order(octets: Uint8Array, at: number, length: number): number {
    const shared = Math.min(this.#serialOctets, length);
    for (let i = 0; i < shared; i++) {
      const difference = (this.#octets[this.#serialAt + i] as number) - (octets[at + i] as number);
      if (difference !== 0) return difference;
    }
    return this.#serialOctets - length;
  }

  #openEntries(): void {
    const isWhole = this.#source === NO_MORE || this.#filled < this.#octets.length;
    const reader = this.#reader(0, isWhole ? this.#filled : OPEN_END);
    reader.open(Tag.sequence);
    reader.open(Tag.sequence);
    readHead(reader);
    if (reader.peek() !== Tag.sequence) return;
    reader.open(Tag.sequence);
    this.#start = reader.offset;
    this.#end = reader.offset;
    this.#limit = reader.limit;
  }

  #findSerialNumber(): void {
    const octets = this.#octets;
    const length = octets[this.#start + 1] as number;
    const at = this.#start + HEADER + (length < 0x80 ? 0 : length & 0x7f);
    this.#serialAt = at + HEADER;
    this.#serialOctets = octets[at + 1] as number;
    const isEntry = octets[this.#start] === Tag.sequence && octets[at] === Tag.integer;
    if (isEntry && this.#serialOctets < 0x80 && this.#serialAt + this.#serialOctets <= this.#end) {
      return;
    }
    this.#fail("no entry", this.#start);
  }

  /** Lets go of what comes before the entry that was met last, and reads on. */
  #readOn(): boolean {
    const gone = this.#start;
    if (gone > 0) this.#octets.copyWithin(0, gone, this.#filled);
    this.#filled -= gone;
    this.#base += gone;
    this.#start = 0;
    this.#end -= gone;
    this.#limit -= gone;
    this.#serialAt -= gone;
    return this.#fill();
  }

  #fill(): boolean {
    if (this.#filled === this.#octets.length) return false;
    const read = this.#source(this.#octets.subarray(this.#filled));
    this.#filled += read;
    return read > 0;
  }

  #reader(start: number, end: number): DerReader {
    return new DerReader(this.#octets, WHAT, start, end, this.#base);
  }

  #fail(problem: string, at: number): never {
    return this.#reader(at, this.#filled).fail(problem);
  }
}
