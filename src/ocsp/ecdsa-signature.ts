import { Tag } from "../der/reader.ts";
import { elementSize, writeHeader } from "../der/writer.ts";

/*
 * Records keep r and s as long as the curve's order (IEEE P1363); answers carry
 * Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 2.2.3).
 */

/** The size of the Ecdsa-Sig-Value of fixed-length r and s. */
export function ecdsaSignatureSize(signature: Uint8Array): number {
  const half = signature.length / 2;
  return elementSize(integerSize(signature, 0, half) + integerSize(signature, half, half));
}

/** Writes the Ecdsa-Sig-Value at `at`; returns the offset after it. */
export function writeEcdsaSignature(out: Uint8Array, at: number, signature: Uint8Array): number {
  const half = signature.length / 2;
  const content = integerSize(signature, 0, half) + integerSize(signature, half, half);
  const r = writeHeader(out, at, Tag.sequence, content);
  return writeInteger(out, writeInteger(out, r, signature, 0, half), signature, half, half);
}

function integerSize(octets: Uint8Array, start: number, length: number): number {
  const zeros = leadingZeros(octets, start, length);
  return elementSize(length - zeros + signOctet(octets, start + zeros));
}

function writeInteger(
  out: Uint8Array,
  start: number,
  octets: Uint8Array,
  from: number,
  length: number,
): number {
  const zeros = leadingZeros(octets, from, length);
  const sign = signOctet(octets, from + zeros);
  let at = writeHeader(out, start, Tag.integer, length - zeros + sign);
  if (sign) out[at++] = 0;
  for (let i = from + zeros; i < from + length; i++) out[at++] = octets[i] as number;
  return at;
}

function leadingZeros(octets: Uint8Array, start: number, length: number): number {
  let zeros = 0;
  while (zeros < length - 1 && octets[start + zeros] === 0) zeros++;
  return zeros;
}

function signOctet(octets: Uint8Array, at: number): number {
  return (octets[at] as number) > 0x7f ? 1 : 0;
}
