import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, type DerReader, Tag } from "../der/reader.ts";

/** One Extension (RFC 5280 4.1.2.9): its OID element, and the content of extnValue. */
export interface Extension {
  readonly oid: Uint8Array;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** More than any client sends; it bounds the work on a list made to waste it. */
const MOST_EXTENSIONS = 20;

/** Reads `[number] EXPLICIT Extensions` if it comes next; an empty list and a repeated OID are errors. */
export function readExtensions(reader: DerReader, number: number): readonly Extension[] {
  if (reader.peek() !== contextTag(number)) return [];
  const outer = reader.open(contextTag(number));
  const list = reader.open(Tag.sequence);
  const extensions: Extension[] = [];
  do {
    const at = reader.offset;
    const extension = readExtension(reader);
    if (extensions.some((other) => sameOctets(other.oid, extension.oid))) {
      reader.fail("an extension twice", at);
    }
    if (extensions.push(extension) > MOST_EXTENSIONS) reader.fail("too many extensions", at);
  } while (!reader.atEnd);
  reader.close(list);
  reader.close(outer);
  return extensions;
}

function readExtension(reader: DerReader): Extension {
  const outer = reader.open(Tag.sequence);
  const oid = reader.oid();
  // An explicit FALSE is not DER (X.690 11.5), yet clients write it.
  const critical = reader.peek() === Tag.boolean && reader.boolean();
  const value = reader.content(Tag.octetString);
  reader.close(outer);
  return { oid, critical, value };
}

/** Fails when a critical extension is not among those that are understood (RFC 6960 4.4). */
export function refuseUnknownCritical(
  reader: DerReader,
  extensions: readonly Extension[],
  understood: readonly Uint8Array[],
): void {
  const unknown = extensions.some(
    (extension) => extension.critical && !understood.some((oid) => sameOctets(oid, extension.oid)),
  );
  if (unknown) reader.fail("unrecognised critical extension");
}

/** The extension with this OID, if the list has it. */
export function findExtension(
  extensions: readonly Extension[],
  oid: Uint8Array,
): Extension | undefined {
  return extensions.find((extension) => sameOctets(extension.oid, oid));
}

/** What a requestExtensions list may hold critically. */
export const REQUEST_EXTENSIONS: readonly Uint8Array[] = [
  OIDS.ocspNonce,
  OIDS.ocspResponse,
  OIDS.ocspPrefSigAlgs,
];

/** What a singleRequestExtensions list may hold critically. */
export const SINGLE_REQUEST_EXTENSIONS: readonly Uint8Array[] = [OIDS.ocspServiceLocator];
