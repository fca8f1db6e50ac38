import { sameOctets } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import type { Certificate } from "./certificate.ts";

/**
 * A reader over one extension's value, or nothing when the certificate does not have it. Its errors
 * count bytes from the certificate's first. An extension that stands twice is a `DerError`
 * (RFC 5280 4.2): readers that take the first and readers that take the last would disagree.
 */
export function openExtension(certificate: Certificate, oid: Uint8Array): DerReader | undefined {
  if (!certificate.extensions) return undefined;
  const reader = readerOver(certificate, certificate.extensions);
  const outer = reader.open(Tag.sequence);
  let found: Uint8Array | undefined;
  while (!reader.atEnd) {
    const at = reader.offset;
    const extension = readExtension(reader);
    if (!sameOctets(extension.oid, oid)) continue;
    if (found) reader.fail("the same extension twice", at);
    found = extension.value;
  }
  reader.close(outer);
  return found && readerOver(certificate, found);
}

function readExtension(reader: DerReader): { oid: Uint8Array; value: Uint8Array } {
  const outer = reader.open(Tag.sequence);
  const oid = reader.element(Tag.oid);
  if (reader.peek() === Tag.boolean) reader.boolean();
  const value = reader.content(Tag.octetString);
  reader.close(outer);
  return { oid, value };
}

function readerOver(certificate: Certificate, part: Uint8Array): DerReader {
  const start = part.byteOffset - certificate.der.byteOffset;
  return new DerReader(certificate.der, "Certificate", start, start + part.length);
}
