/*
 * Frames on the live-sign socket, both ways: length of the payload (4), number of the question (4), payload.
 * A responder's payload is an OCSPRequest with the CertIDs and the nonce to be answered (RFC 6960 4.1.1); the
 * authority's is a `LiveReply`.
 */

const HEAD = 8;
const NOTHING = Buffer.alloc(0);

/** More than the largest request that is read from the network, with parameters NULL added to its CertIDs. */
export const LONGEST_QUESTION = 10_240;
/** More than an answer about the most CertIDs with the largest signature and certificate. */
export const LONGEST_REPLY = 65_536;

/** A question or its reply. */
export interface Frame {
  readonly id: number;
  readonly payload: Buffer;
}

/** A frame's octets; `id` is less than 2^32. */
export function encodeFrame(id: number, payload: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(HEAD + payload.length);
  out.writeUInt32BE(payload.length, 0);
  out.writeUInt32BE(id, 4);
  out.set(payload, HEAD);
  return out;
}

/** Cuts what arrives into frames; keeps no more than one frame that is not whole yet. */
export class FrameReader {
  readonly #longest: number;
  #rest: Buffer = NOTHING;

  /** `longest` bounds the payload, in octets. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Whether a frame has begun and not ended. */
  get isPartial(): boolean {
    return this.#rest.length > 0;
  }

  /** The frames that are whole now, in their order, or nothing where one claims to be too long. */
  read(chunk: Buffer): Frame[] | undefined {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (octets.length - at >= HEAD) {
      const length = octets.readUInt32BE(at);
      if (length > this.#longest) return undefined;
      const end = at + HEAD + length;
      if (end > octets.length) break;
      frames.push({ id: octets.readUInt32BE(at + 4), payload: octets.subarray(at + HEAD, end) });
      at = end;
    }
    this.#rest = at === octets.length ? NOTHING : octets.subarray(at);
    return frames;
  }
}
