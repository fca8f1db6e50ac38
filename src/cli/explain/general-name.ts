import type { LenientReader } from "../../der/lenient-reader.ts";
import { contextTag, Tag } from "../../der/reader.ts";
import { nameText } from "../../x509/name.ts";
import { printable } from "../../x509/printable.ts";
import { type Field, hexText } from "./explanation.ts";

const LONGEST_NAME = 500;

/** GeneralNames that are text, by their tags (RFC 5280 4.2.1.6). */
const TEXTS: ReadonlyMap<number, string> = new Map([
  [0x81, "email"],
  [0x82, "DNS"],
  [0x86, "URI"],
]);

const IP_ADDRESS = 0x87;

/** The GeneralName that comes next, as `URI:http://…`. */
export function generalNameText(reader: LenientReader): string {
  const tag = reader.peek();
  const kind = TEXTS.get(tag);
  if (kind) {
    const text = Buffer.from(reader.content(tag)).toString("latin1");
    return `${kind}:${printable(text, LONGEST_NAME)}`;
  }
  if (tag === contextTag(4)) {
    return `directory:${nameText(reader.inside(tag, () => reader.element(Tag.sequence)))}`;
  }
  if (tag === IP_ADDRESS) return `IP:${ipText(reader.content(tag))}`;
  return `other:${hexText(reader.element())}`;
}

function ipText(octets: Uint8Array): string {
  return octets.length === 4 ? octets.join(".") : hexText(octets);
}

/** The content of a DistributionPointName that is open (RFC 5280 4.2.1.13). */
export function distributionPointName(reader: LenientReader): Field {
  if (reader.peek() !== contextTag(0))
    return `relative to the issuer: ${hexText(reader.element())}`;
  return reader.list(contextTag(0), () => generalNameText(reader));
}
