import { oidText, sameOctets } from "../der/oids.ts";
import { DerError, DerReader, Tag } from "../der/reader.ts";
import { stringText } from "./name.ts";

/**
 * Whether two Names are the same by RFC 5280 7.1: attribute for attribute, whatever the type of string, upper
 * or lower case, and however many spaces. Octets that are the same need not be a Name.
 */
export function sameName(a: Uint8Array, b: Uint8Array): boolean {
  if (sameOctets(a, b)) return true;
  try {
    return canonical(a) === canonical(b);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Alike for names that are the same; of a relative name with several attributes the order does not count. */
function canonical(nameDer: Uint8Array): string {
  const reader = new DerReader(nameDer, "Name");
  const parts: string[][] = [];
  const outer = reader.open(Tag.sequence);
  while (!reader.atEnd) {
    const part: string[] = [];
    const set = reader.open(Tag.set);
    while (!reader.atEnd) part.push(canonicalAttribute(reader));
    reader.close(set);
    parts.push(part.sort());
  }
  reader.close(outer);
  reader.end();
  return JSON.stringify(parts);
}

function canonicalAttribute(reader: DerReader): string {
  const attribute = reader.open(Tag.sequence);
  const type = oidText(reader.element(Tag.oid));
  const value = reader.element();
  reader.close(attribute);
  const text = stringText(value);
  return `${type} ${text === undefined ? Buffer.from(value).toString("hex") : prepared(text)}`;
}

/** RFC 4518 2, as far as it bears on names in use. */
function prepared(text: string): string {
  return `"${text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ")}`;
}
