import type { SerialNumber } from "../x509/serial-number.ts";
import type { RevokedEntry } from "./entry.ts";
import { encodeRevocationInto, REVOCATION_OCTETS } from "./revocation.ts";

const BLOCK_OCTETS = 1 << 20;
const LONGEST = 1 + 255 + REVOCATION_OCTETS;
const PREFIX_OCTETS = 6;

/** An entry as it is packed: its serialNumber, and what a row of `revoked` has of it. */
export interface PackedEntry {
  readonly serialNumber: SerialNumber;
  readonly value: Buffer;
}

/*
 * Packed: length of serialNumber (1), serialNumber, the octets of a row of `revoked` (11); about 29 octets for
 * a serial number of 16, where an object for each would take ten times that.
 */

/** Gathers the entries of a CRL, in whatever order it has them. */
export class EntryPacker {
  readonly #blocks: Buffer[] = [];
  #used = BLOCK_OCTETS;
  /** Where each entry is: number of its block, and place in it. */
  #places = new Uint32Array(1024);
  #count = 0;
  #octets = 0;
  #isSorted = true;

  /** Adds a copy of an entry. */
  add(entry: RevokedEntry): void {
    if (BLOCK_OCTETS - this.#used < LONGEST) {
      this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_OCTETS));
      this.#used = 0;
    }
    const block = this.#blocks[this.#blocks.length - 1] as Buffer;
    const { length } = entry.serialNumber;
    const start = this.#used;
    block[start] = length;
    block.set(entry.serialNumber, start + 1);
    encodeRevocationInto(block, start + 1 + length, entry);
    this.#used = start + 1 + length + REVOCATION_OCTETS;
    this.#octets += this.#used - start;
    this.#note((this.#blocks.length - 1) * BLOCK_OCTETS + start);
  }

  /** All entries in the order of the store, in one buffer of their own; or the first serialNumber that stands twice. */
  sorted(): { readonly packed: Uint8Array<ArrayBuffer> } | { readonly twice: SerialNumber } {
    const places = this.#places.subarray(0, this.#count);
    const order = this.#isSorted ? places : this.#sort(places);
    const packed = Buffer.from(new ArrayBuffer(this.#octets));
    let at = 0;
    let before: Buffer | undefined;
    for (const place of order) {
      const serialNumber = this.#serialNumber(place);
      if (before?.equals(serialNumber))
        return { twice: serialNumber as Uint8Array as SerialNumber };
      before = serialNumber;
      const length = 1 + serialNumber.length + REVOCATION_OCTETS;
      const start = place % BLOCK_OCTETS;
      packed.set(this.#block(place).subarray(start, start + length), at);
      at += length;
    }
    return { packed };
  }

  #note(place: number): void {
    if (this.#count === this.#places.length) {
      const more = new Uint32Array(this.#count * 2);
      more.set(this.#places);
      this.#places = more;
    }
    this.#places[this.#count++] = place;
    if (!this.#isSorted || this.#count === 1) return;
    const before = this.#places[this.#count - 2] as number;
    this.#isSorted = this.#serialNumber(before).compare(this.#serialNumber(place)) <= 0;
  }

  /** By the first octets as numbers, which tells nearly all apart; a million take a second. */
  #sort(places: Uint32Array): Uint32Array {
    const prefixes = Float64Array.from(places, (place) => prefixOf(this.#serialNumber(place)));
    const indices = Uint32Array.from(places.keys()).sort((a, b) => {
      const difference = (prefixes[a] as number) - (prefixes[b] as number);
      if (difference !== 0) return difference;
      const [one, other] = [places[a] as number, places[b] as number];
      return this.#serialNumber(one).compare(this.#serialNumber(other));
    });
    return indices.map((index) => places[index] as number);
  }

  #block(place: number): Buffer {
    return this.#blocks[Math.floor(place / BLOCK_OCTETS)] as Buffer;
  }

  #serialNumber(place: number): Buffer {
    const block = this.#block(place);
    const start = (place % BLOCK_OCTETS) + 1;
    return block.subarray(start, start + (block[start - 1] as number));
  }
}

function prefixOf(serialNumber: Buffer): number {
  let prefix = 0;
  for (let i = 0; i < PREFIX_OCTETS; i++) prefix = prefix * 256 + (serialNumber[i] ?? 0);
  return prefix;
}

/** Goes through packed entries in their order without making an object of each. */
export class PackedCursor {
  readonly #octets: Buffer;
  // The entry that was met last.
  #serialAt = 0;
  #valueAt = 0;
  #end = 0;
  #isAtEnd = false;

  constructor(packed: Uint8Array) {
    this.#octets = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  }

  /** Goes to the next entry; false when there is none. */
  next(): boolean {
    this.#isAtEnd = this.#end >= this.#octets.length;
    if (this.#isAtEnd) return false;
    this.#serialAt = this.#end + 1;
    this.#valueAt = this.#serialAt + (this.#octets[this.#end] as number);
    this.#end = this.#valueAt + REVOCATION_OCTETS;
    return true;
  }

  get atEnd(): boolean {
    return this.#isAtEnd;
  }

  /** The entry, as views. */
  get entry(): PackedEntry {
    const serialNumber = this.#octets.subarray(this.#serialAt, this.#valueAt);
    return {
      serialNumber: serialNumber as Uint8Array as SerialNumber,
      value: this.#octets.subarray(this.#valueAt, this.#end),
    };
  }

  /** Below 0 where it comes before the serialNumber that is `octets` from `start` on; the end comes last. */
  compareTo(octets: Uint8Array, start: number): number {
    if (this.#isAtEnd) return 1;
    const own = this.#valueAt - this.#serialAt;
    const others = octets.length - start;
    for (let i = 0; i < Math.min(own, others); i++) {
      const difference =
        (this.#octets[this.#serialAt + i] as number) - (octets[start + i] as number);
      if (difference !== 0) return difference;
    }
    return own - others;
  }

  /** Whether its row of `revoked` has these octets. */
  hasValue(value: Uint8Array): boolean {
    for (let i = 0; i < REVOCATION_OCTETS; i++) {
      if (this.#octets[this.#valueAt + i] !== value[i]) return false;
    }
    return value.length === REVOCATION_OCTETS;
  }
}

/** The entries again, as views, in their order. */
export function* unpackEntries(packed: Uint8Array): Generator<PackedEntry> {
  for (const cursor = new PackedCursor(packed); cursor.next(); ) yield cursor.entry;
}
