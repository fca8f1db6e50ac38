import { contextTag, type DerReader, Tag } from "../der/reader.ts";

/** IssuingDistributionPoint (RFC 5280 5.2.5): what of the CA's certificates the CRL covers. */
export interface IssuingDistributionPoint {
  /** The URIs of distributionPoint's fullName, a character for each octet. */
  readonly uris: readonly string[];
  /** What else distributionPoint says, in hexadecimal: directory names, or a nameRelativeToCRLIssuer; absent without. */
  readonly otherNames?: readonly string[];
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly hasOnlySomeReasons: boolean;
  readonly isIndirect: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

const URI = 0x86;

/** Reads an IssuingDistributionPoint, which says at least something. */
export function readIssuingDistributionPoint(reader: DerReader): IssuingDistributionPoint {
  const at = reader.offset;
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty IssuingDistributionPoint");
  const { uris, others } = readDistributionPointName(reader);
  const point = {
    uris,
    ...(others.length > 0 && { otherNames: others }),
    onlyContainsUserCerts: readFlag(reader, 0x81),
    onlyContainsCACerts: readFlag(reader, 0x82),
    hasOnlySomeReasons: reader.peek() === 0x83 && reader.content(0x83).length > 0,
    isIndirect: readFlag(reader, 0x84),
    onlyContainsAttributeCerts: readFlag(reader, 0x85),
  };
  reader.close(outer);
  const { onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts } = point;
  const only = [onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts];
  // RFC 5280 5.2.5: each leaves out what the others are about.
  if (only.filter(Boolean).length > 1) reader.fail("more than one onlyContains…Certs", at);
  return point;
}

/** Reads CRLDistributionPoints, as freshestCRL has them (RFC 5280 4.2.1.13, 5.2.6): the URIs of all. */
export function readDistributionPoints(reader: DerReader): string[] {
  const uris: string[] = [];
  const outer = reader.open(Tag.sequence);
  if (reader.atEnd) reader.fail("empty CRLDistributionPoints");
  while (!reader.atEnd) {
    const point = reader.open(Tag.sequence);
    uris.push(...readDistributionPointName(reader).uris);
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
  const [octet, more] = reader.content(tag);
  if (more !== undefined || (octet !== 0xff && octet !== 0)) reader.fail("bad BOOLEAN", at);
  if (octet === 0) reader.refuse("FALSE written out", at);
  return octet === 0xff;
}

/** Reads distributionPoint, where it comes next. */
function readDistributionPointName(reader: DerReader): { uris: string[]; others: string[] } {
  const names = { uris: [] as string[], others: [] as string[] };
  if (reader.peek() !== contextTag(0)) return names;
  const outer = reader.open(contextTag(0));
  if (reader.peek() === contextTag(0)) readFullName(reader, names);
  else names.others.push(hexOf(reader.element()));
  reader.close(outer);
  return names;
}

function readFullName(reader: DerReader, names: { uris: string[]; others: string[] }): void {
  const outer = reader.open(contextTag(0));
  while (!reader.atEnd) {
    if (reader.peek() === URI) names.uris.push(Buffer.from(reader.content(URI)).toString("latin1"));
    else names.others.push(hexOf(reader.element()));
  }
  reader.close(outer);
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
