import { sameOctets } from "../der/oids.ts";
import { type DerReader, Tag } from "../der/reader.ts";

/** An extension by its dotted object identifier. */
export interface ListedExtension {
  readonly oid: string;
  readonly isCritical: boolean;
  /** Whether its value is read here. */
  readonly isKnown: boolean;
}

/** What `readExtensions` hands each extension to. */
export interface ExtensionVisitor {
  /** Whether `readValue` reads the extension id-ce `arc` (2.5.29.arc); -1 is any other identifier. */
  knows(arc: number): boolean;
  /** Reads the content of extnValue to its end. */
  readValue(arc: number, reader: DerReader): void;
  /** Called for every extension, after its value; `oidAt` gives its identifier as a whole element. */
  note(octets: Uint8Array, oidAt: number, isCritical: boolean, isKnown: boolean): void;
}

const MOST_EXTENSIONS = 32;
const LONGEST_OID = 66;
const HEADER = 2;
/** What 2.5.29.n begins with as an element: 06 03 55 1d. */
const ID_CE_LENGTH = 3;
const ID_CE = [0x55, 0x1d] as const;

/** Reads Extensions: at least one, none of them twice (RFC 5280 4.2, 5.2). */
export function readExtensions(reader: DerReader, visitor: ExtensionVisitor): void {
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty Extensions");
  // Where their identifiers are; an entry has one extension as a rule.
  const seen: number[] = [];
  while (!reader.atEnd) {
    const at = reader.offset;
    const oidAt = readExtension(reader, visitor);
    if (seen.length > 0 && isAmong(reader.bytes, oidAt, seen)) {
      reader.fail("extension given twice", at);
    }
    if (seen.push(oidAt) > MOST_EXTENSIONS) reader.fail("too many extensions", at);
  }
  reader.close(outer);
}

function isAmong(octets: Uint8Array, oidAt: number, seen: readonly number[]): boolean {
  const oid = oidElement(octets, oidAt);
  return seen.some((other) => sameOctets(oidElement(octets, other), oid));
}

/** The OBJECT IDENTIFIER at `at` that `readExtensions` has met, as a whole element. */
export function oidElement(octets: Uint8Array, at: number): Uint8Array {
  return octets.subarray(at, at + HEADER + (octets[at + 1] as number));
}

/** Returns where its identifier is. */
function readExtension(reader: DerReader, visitor: ExtensionVisitor): number {
  const outer = reader.open(Tag.sequence);
  const oidAt = reader.offset;
  passOID(reader);
  const isCritical = readCritical(reader);
  const arc = idCeArc(reader.bytes, oidAt);
  const isKnown = visitor.knows(arc);
  if (isKnown) {
    const value = reader.open(Tag.octetString);
    visitor.readValue(arc, reader);
    reader.close(value);
  } else {
    reader.pass(Tag.octetString);
  }
  reader.close(outer);
  visitor.note(reader.bytes, oidAt, isCritical, isKnown);
  return oidAt;
}

/** An OBJECT IDENTIFIER whose numbers are whole and minimal (X.690 8.19.2). */
function passOID(reader: DerReader): void {
  const at = reader.offset;
  const start = reader.pass(Tag.oid);
  const end = reader.offset;
  if (end - at > LONGEST_OID) reader.fail("OBJECT IDENTIFIER too long", at);
  let startsNumber = true;
  for (let i = start; i < end; i++) {
    const octet = reader.bytes[i] as number;
    if (startsNumber && octet === 0x80) reader.fail("OBJECT IDENTIFIER not minimal", at);
    startsNumber = octet < 0x80;
  }
  if (end === start || !startsNumber) reader.fail("OBJECT IDENTIFIER without end", at);
}

function readCritical(reader: DerReader): boolean {
  if (reader.peek() !== Tag.boolean) return false;
  const at = reader.offset;
  const isCritical = reader.boolean();
  if (!isCritical) reader.refuse("critical FALSE written out", at);
  return isCritical;
}

/** The last number of 2.5.29.n; -1 of anything else. */
function idCeArc(octets: Uint8Array, oidAt: number): number {
  const start = oidAt + HEADER;
  const isIdCe =
    octets[oidAt + 1] === ID_CE_LENGTH &&
    octets[start] === ID_CE[0] &&
    octets[start + 1] === ID_CE[1];
  return isIdCe ? (octets[start + 2] as number) : -1;
}
