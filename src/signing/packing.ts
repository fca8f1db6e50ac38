/*
 * Pairs of octets in one buffer: structured clone copies one buffer faster than a thousand, and a small
 * Buffer drags its whole 8 KiB pool along.
 */

/** A serialNumber and its record or revocation. */
export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Packs pairs: length of key (2), length of value (2), key, value. */
export function packPairs(pairs: readonly Pair[]): Uint8Array {
  const size = pairs.reduce((sum, { key, value }) => sum + 4 + key.length + value.length, 0);
  const packed = Buffer.alloc(size);
  let at = 0;
  for (const { key, value } of pairs) {
    packed.writeUInt16BE(key.length, at);
    packed.writeUInt16BE(value.length, at + 2);
    packed.set(key, at + 4);
    packed.set(value, at + 4 + key.length);
    at += 4 + key.length + value.length;
  }
  return packed;
}

/** The pairs again, as views. */
export function* unpackPairs(packed: Uint8Array): Generator<{ key: Buffer; value: Buffer }> {
  const octets = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < octets.length; ) {
    const keyEnd = at + 4 + octets.readUInt16BE(at);
    const valueEnd = keyEnd + octets.readUInt16BE(at + 2);
    yield { key: octets.subarray(at + 4, keyEnd), value: octets.subarray(keyEnd, valueEnd) };
    at = valueEnd;
  }
}
