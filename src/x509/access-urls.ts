import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, type DerReader, Tag } from "../der/reader.ts";
import type { Certificate } from "./certificate.ts";
import { openExtension } from "./extension-value.ts";

/** GeneralName's uniformResourceIdentifier, [6] IMPLICIT IA5String. */
const URI = 0x86;

/** Where authorityInfoAccess sends a relying party (RFC 5280 4.2.2.1). */
export interface AccessUrls {
  readonly ocsp: readonly string[];
  readonly caIssuers: readonly string[];
}

/** The URIs of crlDistributionPoints' full names, of every scheme, in order (RFC 5280 4.2.1.13). */
export function crlDistributionPoints(certificate: Certificate): readonly string[] {
  const reader = openExtension(certificate, OIDS.crlDistributionPoints);
  if (!reader) return [];
  const urls: string[] = [];
  const outer = reader.open(Tag.sequence);
  while (!reader.atEnd) {
    const point = reader.open(Tag.sequence);
    if (reader.peek() === contextTag(0)) readPointName(reader, urls);
    while (!reader.atEnd) reader.element();
    reader.close(point);
  }
  reader.close(outer);
  reader.end();
  return urls;
}

/** The URIs of authorityInfoAccess, in order; other methods and other kinds of names are passed over. */
export function authorityInfoAccess(certificate: Certificate): AccessUrls {
  const ocsp: string[] = [];
  const caIssuers: string[] = [];
  const reader = openExtension(certificate, OIDS.authorityInfoAccess);
  if (!reader) return { ocsp, caIssuers };
  const outer = reader.open(Tag.sequence);
  while (!reader.atEnd) {
    const description = reader.open(Tag.sequence);
    const method = reader.element(Tag.oid);
    if (sameOctets(method, OIDS.ocsp)) readUri(reader, ocsp);
    else if (sameOctets(method, OIDS.caIssuers)) readUri(reader, caIssuers);
    else reader.element();
    reader.close(description);
  }
  reader.close(outer);
  reader.end();
  return { ocsp, caIssuers };
}

function readPointName(reader: DerReader, urls: string[]): void {
  const outer = reader.open(contextTag(0));
  if (reader.peek() === contextTag(0)) {
    const names = reader.open(contextTag(0));
    while (!reader.atEnd) readUri(reader, urls);
    reader.close(names);
  } else {
    reader.element();
  }
  reader.close(outer);
}

/** Octets stay what they are: latin1 has one character for each, and paths are compared by octets. */
function readUri(reader: DerReader, urls: string[]): void {
  if (reader.peek() === URI) urls.push(Buffer.from(reader.content(URI)).toString("latin1"));
  else reader.element();
}
