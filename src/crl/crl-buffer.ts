import { Tag } from "../der/reader.ts";
import { x509Time } from "../der/time.ts";
import { bitString, elementSize, integer, writeHeader } from "../der/writer.ts";
import { type CRLFields, crlExtensions } from "./crl-fields.ts";
import { LONGEST_ENTRY, type RevokedEntry, writeEntry } from "./entry.ts";

const V2 = integer(1);
/** A header whose length takes four octets, and its length octets' count. */
const LONGEST_HEADER = 6;
/** More than the signature of any algorithm takes, in its BIT STRING. */
const LARGEST_SIGNATURE = 16_384;

/**
 * A CRL that grows in one piece of memory, so that a million entries are written once and copied never:
 * entries first, then what stands before and after them. The memory is shared, to be handed from thread to
 * thread as it is; what is not written of it costs nothing.
 */
export class CRLBuffer {
  readonly #signatureAlgorithm: Uint8Array;
  readonly #before: Uint8Array;
  readonly #after: Uint8Array;
  readonly #octets: Uint8Array;
  readonly #start: number;
  #end: number;
  #count = 0;

  /** Room for `mostEntries`. A CRLNumber out of range is a `RangeError`. */
  constructor(fields: CRLFields, mostEntries: number) {
    const { signatureAlgorithm, issuer, thisUpdate, nextUpdate } = fields;
    this.#signatureAlgorithm = signatureAlgorithm;
    const times = [x509Time(thisUpdate), x509Time(nextUpdate)];
    this.#before = Buffer.concat([V2, signatureAlgorithm, issuer, ...times]);
    this.#after = crlExtensions(fields);
    this.#start = 3 * LONGEST_HEADER + this.#before.length;
    this.#end = this.#start;
    const rest = this.#after.length + signatureAlgorithm.length + LARGEST_SIGNATURE;
    const size = this.#start + mostEntries * LONGEST_ENTRY + rest;
    this.#octets = new Uint8Array(new SharedArrayBuffer(size));
  }

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds one entry; the order of adding is the order on the CRL: ascending by serial number, which `proveCRL`
   * checks. What X.509 cannot write is a `RangeError`, and nothing is added.
   */
  add(entry: RevokedEntry): void {
    this.#end = writeEntry(this.#octets, this.#end, entry);
    this.#count++;
  }

  /**
   * The TBSCertList of a v2 CRL (RFC 5280 5.1.2), as a view; nothing may be added after. Without entries
   * revokedCertificates is absent (5.1.2.6).
   */
  tbsCertList(): Uint8Array {
    let start = this.#start;
    if (this.#count > 0) start = this.#putHeader(start, this.#end);
    start -= this.#before.length;
    this.#octets.set(this.#before, start);
    this.#octets.set(this.#after, this.#end);
    const end = this.#end + this.#after.length;
    return this.#octets.subarray(this.#putHeader(start, end), end);
  }

  /** The CertificateList (RFC 5280 5.1.1) of `tbsCertList` and the signature over it, as a view of the same memory. */
  certificateList(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
    let end = tbs.byteOffset + tbs.length;
    for (const part of [this.#signatureAlgorithm, bitString(signature)]) {
      this.#octets.set(part, end);
      end += part.length;
    }
    return this.#octets.subarray(this.#putHeader(tbs.byteOffset, end), end);
  }

  /** Puts the header of a SEQUENCE before its content; returns where it starts. */
  #putHeader(contentStart: number, contentEnd: number): number {
    const length = contentEnd - contentStart;
    const start = contentStart - (elementSize(length) - length);
    writeHeader(this.#octets, start, Tag.sequence, length);
    return start;
  }
}
