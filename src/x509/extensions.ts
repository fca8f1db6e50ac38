import { OIDS, sameOctets } from "../der/oids.ts";
import { Tag } from "../der/reader.ts";
import type { Certificate } from "./certificate.ts";
import { openExtension } from "./extension-value.ts";

/** Bits of keyUsage by their names in RFC 5280 4.2.1.3, in their order. */
export const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

/** basicConstraints' cA (RFC 5280 4.2.1.9); false without the extension. */
export function isCA(certificate: Certificate): boolean {
  const reader = openExtension(certificate, OIDS.basicConstraints);
  if (!reader) return false;
  const outer = reader.open(Tag.sequence);
  const cA = reader.peek() === Tag.boolean && reader.boolean();
  if (!reader.atEnd) reader.smallInteger();
  reader.close(outer);
  reader.end();
  return cA;
}

/** What the key may do (RFC 5280 4.2.1.3), or nothing where the certificate does not say. */
export function keyUsage(certificate: Certificate): ReadonlySet<KeyUsage> | undefined {
  const reader = openExtension(certificate, OIDS.keyUsage);
  if (!reader) return undefined;
  const at = reader.offset;
  const [unused = 8, ...octets] = reader.content(Tag.bitString);
  if (unused > 7) reader.fail("bad BIT STRING", at);
  reader.end();
  return new Set(KEY_USAGES.filter((_, bit) => isSet(octets, bit)));
}

function isSet(octets: readonly number[], bit: number): boolean {
  return ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}

/** extKeyUsage's purposes as whole OBJECT IDENTIFIER elements (RFC 5280 4.2.1.12), or nothing without it. */
export function extKeyUsage(certificate: Certificate): readonly Uint8Array[] | undefined {
  const reader = openExtension(certificate, OIDS.extKeyUsage);
  if (!reader) return undefined;
  const purposes: Uint8Array[] = [];
  const outer = reader.open(Tag.sequence);
  while (!reader.atEnd) purposes.push(reader.element(Tag.oid));
  reader.close(outer);
  reader.end();
  return purposes;
}

/** Whether extKeyUsage names this very purpose; anyExtendedKeyUsage does not count. */
export function hasExtKeyUsage(certificate: Certificate, purpose: Uint8Array): boolean {
  return extKeyUsage(certificate)?.some((found) => sameOctets(found, purpose)) ?? false;
}

/** RFC 5280 4.2.1.2. */
export function subjectKeyIdentifier(certificate: Certificate): Uint8Array | undefined {
  const reader = openExtension(certificate, OIDS.subjectKeyIdentifier);
  const identifier = reader?.content(Tag.octetString);
  reader?.end();
  return identifier;
}

/** Whether the certificate itself need not be checked, as a delegated signer's (RFC 6960 4.2.2.2.1). */
export function hasOcspNocheck(certificate: Certificate): boolean {
  return openExtension(certificate, OIDS.ocspNocheck) !== undefined;
}
