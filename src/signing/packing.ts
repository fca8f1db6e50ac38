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

/** A pair, as views of what it was packed in. */
export interface UnpackedPair {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The pairs again, as views. */
export function* unpackPairs(packed: Uint8Array): Generator<UnpackedPair> {
  const octets = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < octets.length; ) {
    const keyEnd = at + 4 + octets.readUInt16BE(at);
    const valueEnd = keyEnd + octets.readUInt16BE(at + 2);
    yield { key: octets.subarray(at + 4, keyEnd), value: octets.subarray(keyEnd, valueEnd) };
    at = valueEnd;
  }
}

/** The pairs of several chunks, one after the other. */
export function* unpackChunks(chunks: readonly Uint8Array[]): Generator<UnpackedPair, undefined> {
  for (const chunk of chunks) yield* unpackPairs(chunk);
}

/** Goes through the pairs of several chunks without making anything: a million take some milliseconds. */
export class PairCursor {
  readonly #chunks: readonly Uint8Array[];
  #next = 0;
  /** What the pair that was met last lies in, and where its parts begin and end there. */
  octets: Uint8Array = new Uint8Array(0);
  keyStart = 0;
  valueStart = 0;
  valueEnd = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  /** Goes to the next pair; false when there is none. */
  next(): boolean {
    while (this.valueEnd >= this.octets.length) {
      const chunk = this.#chunks[this.#next++];
      if (!chunk) return false;
      this.octets = chunk;
      this.valueEnd = 0;
    }
    const at = this.valueEnd;
    this.keyStart = at + 4;
    this.valueStart = this.keyStart + this.#length(at);
    this.valueEnd = this.valueStart + this.#length(at + 2);
    return true;
  }

  #length(at: number): number {
    return ((this.octets[at] as number) << 8) | (this.octets[at + 1] as number);
  }
}

const FIRST_CHUNK = 4_096;
const LARGEST_CHUNK = 1_048_576;

/**
 * Pairs that are packed as they come, however many: in chunks of shared memory, which another thread reads
 * without a copy.
 */
export class PairChunks {
  readonly #full: Uint8Array[] = [];
  #open: Buffer = Buffer.alloc(0);
  #used = 0;
  #count = 0;

  /** How many pairs there are. */
  get count(): number {
    return this.#count;
  }

  add(key: Uint8Array, value: Uint8Array): void {
    const size = 4 + key.length + value.length;
    if (size > this.#open.length - this.#used) this.#openNext(size);
    const into = this.#open;
    const at = this.#used;
    into.writeUInt16BE(key.length, at);
    into.writeUInt16BE(value.length, at + 2);
    into.set(key, at + 4);
    into.set(value, at + 4 + key.length);
    this.#used += size;
    this.#count++;
  }

  /** What has been packed: each chunk to be unpacked with `unpackPairs`, in order. */
  chunks(): Uint8Array[] {
    return [...this.#full, this.#open.subarray(0, this.#used)];
  }

  #openNext(size: number): void {
    if (this.#used > 0) this.#full.push(this.#open.subarray(0, this.#used));
    const next = Math.min(2 * this.#open.length || FIRST_CHUNK, LARGEST_CHUNK);
    this.#open = Buffer.from(new SharedArrayBuffer(Math.max(next, size)));
    this.#used = 0;
  }
}
