import { Tag } from "./reader.ts";

/** The number of octets that the length field of a content of `length` octets takes. */
export function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}

/** The size of a whole element whose content has `length` octets. */
export function elementSize(length: number): number {
  return 1 + lengthOctets(length) + length;
}

/** Writes identifier and length at `offset`; returns the offset of the content. */
export function writeHeader(into: Uint8Array, offset: number, tag: number, length: number): number {
  into[offset] = tag;
  const octets = lengthOctets(length);
  if (octets === 1) {
    into[offset + 1] = length;
    return offset + 2;
  }
  into[offset + 1] = 0x80 | (octets - 1);
  for (let i = octets - 1; i > 0; i--) into[offset + 1 + i] = length / 256 ** (octets - 1 - i);
  return offset + 1 + octets;
}

/** One element with this tag around the concatenated parts. */
export function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = Buffer.allocUnsafe(elementSize(length));
  let offset = writeHeader(out, 0, tag, length);
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A SEQUENCE of the parts. */
export function sequence(...parts: Uint8Array[]): Buffer {
  return element(Tag.sequence, ...parts);
}

/** An OBJECT IDENTIFIER from its dotted form (X.690 8.19). */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(Tag.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const octets = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    octets.unshift((left % 128) | 0x80);
  }
  return octets;
}

/** A non-negative INTEGER, with the leading 00 octet where its high bit is set. */
export function integer(value: bigint | number): Buffer {
  const digits = value.toString(16);
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  const needsZero = (octets[0] as number) > 0x7f;
  return element(Tag.integer, needsZero ? Buffer.concat([Buffer.of(0), octets]) : octets);
}

/** A BIT STRING without unused bits. */
export function bitString(octets: Uint8Array): Buffer {
  return element(Tag.bitString, Buffer.of(0), octets);
}

/** DER NULL. */
export const NULL: Uint8Array = Uint8Array.of(0x05, 0x00);
