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
  /** Called for every extension, after its value; `oid` is the whole element. */
  note(oid: Uint8Array, isCritical: boolean, isKnown: boolean): void;
}

const MOST_EXTENSIONS = 32;
const LONGEST_OID = 66;
const HEADER = 2;

/** Reads Extensions: at least one, none of them twice (RFC 5280 4.2, 5.2). */
export function readExtensions(reader: DerReader, visitor: ExtensionVisitor): void {
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty Extensions");
  const seen: Uint8Array[] = [];
  while (!reader.atEnd) {
    const at = reader.offset;
    const oid = readExtension(reader, visitor);
    if (seen.some((other) => sameOctets(other, oid))) reader.fail("extension given twice", at);
    if (seen.push(oid) > MOST_EXTENSIONS) reader.fail("too many extensions", at);
  }
  reader.close(outer);
}

function readExtension(reader: DerReader, visitor: ExtensionVisitor): Uint8Array {
  const outer = reader.open(Tag.sequence);
  const oid = readOID(reader);
  const isCritical = readCritical(reader);
  const arc = idCeArc(oid);
  const isKnown = visitor.knows(arc);
  if (isKnown) {
    const value = reader.open(Tag.octetString);
    visitor.readValue(arc, reader);
    reader.close(value);
  } else {
    reader.content(Tag.octetString);
  }
  reader.close(outer);
  visitor.note(oid, isCritical, isKnown);
  return oid;
}

/** An OBJECT IDENTIFIER whose numbers are whole and minimal (X.690 8.19.2). */
function readOID(reader: DerReader): Uint8Array {
  const at = reader.offset;
  const oid = reader.element(Tag.oid);
  if (oid.length > LONGEST_OID) reader.fail("OBJECT IDENTIFIER too long", at);
  let startsNumber = true;
  for (let i = HEADER; i < oid.length; i++) {
    const octet = oid[i] as number;
    if (startsNumber && octet === 0x80) reader.fail("OBJECT IDENTIFIER not minimal", at);
    startsNumber = octet < 0x80;
  }
  if (oid.length === HEADER || !startsNumber) reader.fail("OBJECT IDENTIFIER without end", at);
  return oid;
}

function readCritical(reader: DerReader): boolean {
  if (reader.peek() !== Tag.boolean) return false;
  const at = reader.offset;
  const isCritical = reader.boolean();
  if (!isCritical) reader.refuse("critical FALSE written out", at);
  return isCritical;
}

/** The last number of 2.5.29.n: its element is 06 03 55 1d n. */
function idCeArc(oid: Uint8Array): number {
  return oid.length === 5 && oid[2] === 0x55 && oid[3] === 0x1d ? (oid[4] as number) : -1;
}
