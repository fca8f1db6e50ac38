import { contextTag, type DerReader, Tag } from "../der/reader.ts";

/** IssuingDistributionPoint (RFC 5280 5.2.5): what of the CA's certificates the CRL covers. */
export interface IssuingDistributionPoint {
  /** The URIs of distributionPoint's fullName, a character for each octet. */
  readonly uris: readonly string[];
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly hasOnlySomeReasons: boolean;
  readonly isIndirect: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

const URI = 0x86;

/** Reads an IssuingDistributionPoint, which says at least something. */
export function readIssuingDistributionPoint(reader: DerReader): IssuingDistributionPoint {
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty IssuingDistributionPoint");
  const point = {
    uris: reader.peek() === contextTag(0) ? readDistributionPointName(reader) : [],
    onlyContainsUserCerts: readFlag(reader, 0x81),
    onlyContainsCACerts: readFlag(reader, 0x82),
    hasOnlySomeReasons: reader.peek() === 0x83 && reader.content(0x83).length > 0,
    isIndirect: readFlag(reader, 0x84),
    onlyContainsAttributeCerts: readFlag(reader, 0x85),
  };
  reader.close(outer);
  return point;
}

/** Reads CRLDistributionPoints, as freshestCRL has them (RFC 5280 4.2.1.13, 5.2.6): the URIs of all. */
export function readDistributionPoints(reader: DerReader): string[] {
  const uris: string[] = [];
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty CRLDistributionPoints");
  while (!reader.atEnd) {
    const point = reader.open(Tag.sequence);
    if (reader.peek() === contextTag(0)) uris.push(...readDistributionPointName(reader));
    if (reader.peek() === 0x81) reader.content(0x81);
    if (reader.peek() === contextTag(2)) reader.content(contextTag(2));
    reader.close(point);
  }
  reader.close(outer);
  return uris;
}

/** DEFAULT FALSE is left out in DER (X.690 11.5). */
function readFlag(reader: DerReader, tag: number): boolean {
  if (reader.peek() !== tag) return false;
  const at = reader.offset;
  const [octet] = reader.content(tag);
  if (octet !== 0xff) reader.fail("flag that is not TRUE", at);
  return true;
}

function readDistributionPointName(reader: DerReader): string[] {
  const uris: string[] = [];
  const outer = reader.open(contextTag(0));
  if (reader.peek() === contextTag(0)) {
    const names = reader.open(contextTag(0));
    while (!reader.atEnd) {
      if (reader.peek() === URI) uris.push(Buffer.from(reader.content(URI)).toString("latin1"));
      else reader.element();
    }
    reader.close(names);
  } else {
    reader.element();
  }
  reader.close(outer);
  return uris;
}
