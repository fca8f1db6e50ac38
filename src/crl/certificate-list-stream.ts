import { elementEnd, NOT_HERE } from "../der/element-end.ts";
import { sameOctets } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import {
  type CertificateList,
  type CRLHead,
  readHead,
  unknownCritical,
} from "./certificate-list.ts";
import { readCRLExtensions } from "./crl-extensions-reader.ts";
import { EntryReader, type ListedEntry } from "./entry-reader.ts";

/** What is told while a CRL is read; octets and the entry are good during the call only. */
export interface CRLVisitor {
  /** Called once, before the others. */
  onHead(head: CRLHead): void;
  /** The TBSCertList whole, which the signature is over, in pieces. */
  onSigned(octets: Uint8Array): void;
  /** Each entry in the CRL's order, before the whole is known to be good; the same object each time. */
  onEntry(entry: ListedEntry): void;
}

/** All that a CRL says besides its entries. */
export type CRLSummary = Omit<CertificateList, "tbsCertList">;

const WHAT = "CertificateList";
const LONGEST_HEADER = 6;
const LONGEST_HEAD = 65_536;
const LONGEST_ENTRY = 16_384;
const LONGEST_TAIL = 1_048_576;
/** The limit of a reader over the beginning of something whose end has not come yet. */
const OPEN_END = Number.MAX_SAFE_INTEGER;
/** signature, issuer, thisUpdate, nextUpdate; version may stand before them (RFC 5280 5.1). */
const HEAD_TAGS = [
  [Tag.sequence],
  [Tag.sequence],
  [Tag.utcTime, Tag.generalizedTime],
  [Tag.utcTime, Tag.generalizedTime],
];

/**
 * Reads a CRL that comes in pieces as `readCertificateList` reads one that is whole, as strictly by default, and
 * holds no more of it than the part that is not complete yet: a million entries take no memory.
 * What is no such CRL is a `DerError` with the byte. The signature is not verified.
 */
export class CertificateListStream {
  readonly #visitor: CRLVisitor;
  readonly #Reader: typeof DerReader;
  readonly #entry = new EntryReader(new DerReader(new Uint8Array(0), WHAT));
  /** Reads what it can at this place of the window: the place after it, or -1 when more has to come. */
  #step: (window: Uint8Array, at: number) => number = this.#readHead;
  #held: Uint8Array = new Uint8Array(0);
  /** How many octets came before those that are held. */
  #base = 0;
  #head: CRLHead | undefined;
  #entryCount = 0;
  #summary: CRLSummary | undefined;
  // Places in the whole CRL: up to where it was handed on as signed, and where its parts end.
  #signedTo = 0;
  #tbsEnd = 0;
  #entriesEnd = 0;
  #end = 0;

  /** `Reader` is what its parts are read with: a `ForgivingReader`, or the strict one. */
  constructor(visitor: CRLVisitor, Reader: typeof DerReader = DerReader) {
    this.#visitor = visitor;
    this.#Reader = Reader;
  }

  /** Takes the next octets; their buffer may be used again after the call. */
  push(octets: Uint8Array): void {
    const window = this.#held.length === 0 ? octets : Buffer.concat([this.#held, octets]);
    let at = 0;
    for (let next = 0; next >= 0; next = this.#step(window, at)) at = next;
    this.#handOn(window, at);
    this.#held = Uint8Array.from(window.subarray(at));
    this.#base += at;
  }

  /** To be called after the last octets. */
  end(): CRLSummary {
    if (this.#summary) return this.#summary;
    return this.#reader(this.#held, this.#held.length).fail("ends too early");
  }

  #reader(window: Uint8Array, at: number, end: number = OPEN_END): DerReader {
    return new this.#Reader(window, WHAT, at, end, this.#base);
  }

  /** The octets of the TBSCertList that have been read are handed on. */
  #handOn(window: Uint8Array, at: number): void {
    const end = Math.min(this.#base + at, this.#tbsEnd);
    if (end <= this.#signedTo) return;
    this.#visitor.onSigned(window.subarray(this.#signedTo - this.#base, end - this.#base));
    this.#signedTo = end;
  }

  /** More has to come, but not without bound: the part at `at` would be longer than any CRL has it. */
  #waitFor(window: Uint8Array, at: number, part: string, longest: number): -1 {
    if (window.length - at <= longest) return -1;
    return this.#reader(window, at).fail(`${part} of more than ${longest} octets`);
  }

  #readHead(window: Uint8Array, at: number): number {
    if (window.length - at < 2 * LONGEST_HEADER) return -1;
    const reader = this.#reader(window, at);
    reader.open(Tag.sequence);
    const end = reader.limit;
    const start = reader.offset;
    reader.open(Tag.sequence);
    if (!holdsHead(window, reader.offset)) {
      return this.#waitFor(window, at, "beginning", LONGEST_HEAD);
    }
    this.#tbsEnd = this.#base + reader.limit;
    this.#end = this.#base + end;
    this.#signedTo = this.#base + start;
    this.#head = copiedHead(readHead(reader));
    this.#visitor.onHead(this.#head);
    this.#step = this.#openEntries;
    return reader.offset;
  }

  #openEntries(window: Uint8Array, at: number): number {
    this.#step = this.#readTail;
    if (this.#base + at >= this.#tbsEnd) return at;
    if (window.length - at < LONGEST_HEADER) {
      this.#step = this.#openEntries;
      return -1;
    }
    if (window[at] !== Tag.sequence) return at;
    const reader = this.#reader(window, at, this.#tbsEnd - this.#base);
    reader.open(Tag.sequence);
    if (reader.atEnd) reader.refuse("revokedCertificates without entries");
    this.#entriesEnd = this.#base + reader.limit;
    this.#step = this.#readEntries;
    return reader.offset;
  }

  #readEntries(window: Uint8Array, start: number): number {
    const limit = this.#entriesEnd - this.#base;
    const entry = this.#entry;
    entry.continueWith(this.#reader(window, start, limit));
    let at = start;
    while (at < limit) {
      const end = elementEnd(window, at);
      // One that leaves its parent is read at once, to be refused.
      if (end > window.length && (end <= limit || end === NOT_HERE)) break;
      entry.next();
      this.#visitor.onEntry(entry);
      this.#entryCount++;
      at = end;
    }
    if (at >= limit) this.#step = this.#readTail;
    else if (at === start) return this.#waitFor(window, at, "entry", LONGEST_ENTRY);
    return at;
  }

  /** What follows the entries is short, and read in one piece. */
  #readTail(window: Uint8Array, at: number): number {
    const end = this.#end - this.#base;
    if (end > window.length) return this.#waitFor(window, at, "extensions", LONGEST_TAIL);
    const octets = Uint8Array.from(window.subarray(0, end));
    const reader = this.#reader(octets, at, this.#tbsEnd - this.#base);
    const head = this.#head as CRLHead;
    const { hasMetExtensions, remarkableExtensions } = this.#entry;
    if (head.version === 1 && (hasMetExtensions || !reader.atEnd)) {
      reader.fail("v1 with extensions");
    }
    const extensions = readCRLExtensions(reader);
    reader.end();
    this.#summary = {
      ...head,
      ...extensions,
      entryCount: this.#entryCount,
      remarkableEntryExtensions: remarkableExtensions,
      unknownCriticalExtensions: unknownCritical([
        ...extensions.extensions,
        ...remarkableExtensions,
      ]),
      signature: readSignature(this.#reader(octets, reader.offset, end), head),
    };
    this.#step = this.#refuseMore;
    return end;
  }

  #refuseMore(window: Uint8Array, at: number): number {
    if (at < window.length) this.#reader(window, at).fail("trailing octets");
    return -1;
  }
}

function readSignature(reader: DerReader, head: CRLHead): Uint8Array {
  const at = reader.offset;
  if (!sameOctets(reader.element(Tag.sequence), head.signatureAlgorithm)) {
    reader.fail("signatureAlgorithm differs from the signed one", at);
  }
  const signature = reader.bitString();
  reader.end();
  return signature;
}

function copiedHead(head: CRLHead): CRLHead {
  return {
    ...head,
    signatureAlgorithm: Uint8Array.from(head.signatureAlgorithm),
    issuer: Uint8Array.from(head.issuer),
  };
}

/** Whether all that precedes the entries is there, or something else is: that is for `readHead` to refuse. */
function holdsHead(window: Uint8Array, start: number): boolean {
  let at = window[start] === Tag.integer ? elementEnd(window, start) : start;
  for (const tags of HEAD_TAGS) {
    if (at >= window.length) return false;
    if (!(tags as number[]).includes(window[at] as number)) return true;
    at = elementEnd(window, at);
  }
  return at <= window.length;
}
