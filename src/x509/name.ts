import { oidText } from "../der/oids.ts";
import { DerError, DerReader, Tag } from "../der/reader.ts";
import { printable } from "./printable.ts";

/** Attribute types with the short names of RFC 4514 3 and those that OpenSSL prints besides. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
  }),
);

const LONGEST_TYPE = 64;

/** A string type's identifier octet, to what its octets say; TeletexString is read as Latin-1, as all do. */
const STRINGS: ReadonlyMap<number, (octets: Buffer) => string> = new Map([
  [0x0c, (octets) => octets.toString("utf8")],
  [0x12, (octets) => octets.toString("latin1")],
  [0x13, (octets) => octets.toString("latin1")],
  [0x14, (octets) => octets.toString("latin1")],
  [0x16, (octets) => octets.toString("latin1")],
  [0x1a, (octets) => octets.toString("latin1")],
  [0x1e, utf16be],
]);

/**
 * A Name for people to read, most specific part first as in RFC 4514 but with a space after each
 * comma: `CN=Cơ quan chứng thực, O=Ban Cơ yếu, C=VN`. Never fails and never compared: what cannot
 * be read stands as `#` and hexadecimal; at most `longest` UTF-16 units, without control characters.
 */
export function nameText(nameDer: Uint8Array, longest = 200): string {
  try {
    return printable(readName(nameDer).reverse().join(", "), longest);
  } catch (error) {
    if (error instanceof DerError) return hexText(nameDer, longest);
    throw error;
  }
}

function readName(nameDer: Uint8Array): string[] {
  const reader = new DerReader(nameDer, "Name");
  const parts: string[] = [];
  const outer = reader.open(Tag.sequence);
  while (!reader.atEnd) parts.push(readRelativeName(reader));
  reader.close(outer);
  reader.end();
  return parts;
}

function readRelativeName(reader: DerReader): string {
  const attributes: string[] = [];
  const outer = reader.open(Tag.set);
  while (!reader.atEnd) {
    const attribute = reader.open(Tag.sequence);
    attributes.push(`${typeText(reader.element(Tag.oid))}=${readValue(reader)}`);
    reader.close(attribute);
  }
  reader.close(outer);
  return attributes.join("+");
}

function typeText(type: Uint8Array): string {
  if (type.length > LONGEST_TYPE) return hexText(type, LONGEST_TYPE);
  const dotted = oidText(type);
  return SHORT_NAMES.get(dotted) ?? dotted;
}

function readValue(reader: DerReader): string {
  const value = reader.element();
  const text = stringText(value);
  return text === undefined ? hexText(value, 64) : escaped(text);
}

/** What a string says, whole in DER; nothing where it is of no type of string. */
export function stringText(value: Uint8Array): string | undefined {
  const [tag = 0] = value;
  return STRINGS.get(tag)?.(Buffer.from(new DerReader(value, "string").content(tag)));
}

/** RFC 4514 2.4. */
function escaped(text: string): string {
  return text.replace(/[\\",+;<>]|^[# ]| $/g, "\\$&");
}

function utf16be(octets: Buffer): string {
  return octets.length % 2 === 0 ? octets.swap16().toString("utf16le") : octets.toString("latin1");
}

function hexText(octets: Uint8Array, longest: number): string {
  return printable(`#${Buffer.from(octets.subarray(0, longest)).toString("hex")}`, longest);
}
