import { octets } from "./raw-exchange.ts";

/* Frames of HTTP/2 (RFC 9113 4.1, 6), as no well-behaved client sends them. */

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

/** A frame to send, or one that came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const HEAD = 9;
const NOTHING = Buffer.alloc(0);

/** The octets of a frame, with a payload of less than 64 KiB. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = NOTHING,
): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A payload of one number of 32 bits. */
export function word(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(value >>> 0);
  return four;
}

/** The client's preface, with settings that say nothing. */
export const PREFACE: Buffer = Buffer.concat([
  octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame(SETTINGS, 0, 0),
]);

/** Fields as literals that are not indexed (RFC 7541 6.2.2), with names and values of less than 127 octets. */
export function fields(...pairs: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) =>
      Buffer.concat([
        Buffer.of(0, name.length),
        octets(name),
        Buffer.of(value.length),
        octets(value),
      ]),
    ),
  );
}

/** The pseudo-header fields of a request, and others behind them. */
export function request(
  method: string,
  path: string,
  ...more: readonly (readonly [string, string])[]
): Buffer {
  const pseudo = [
    [":method", method],
    [":scheme", "http"],
    [":path", path],
    [":authority", "a"],
  ] as const;
  return fields(...pseudo, ...more);
}

/** All whole frames in what came. */
export function framesOf(received: string): Frame[] {
  const all = octets(received);
  const frames: Frame[] = [];
  for (let at = 0; at + HEAD <= all.length; ) {
    const end = at + HEAD + all.readUIntBE(at, 3);
    const payload = all.subarray(at + HEAD, end);
    if (end <= all.length) {
      const [type, flags] = [all[at + 3] as number, all[at + 4] as number];
      frames.push({ type, flags, stream: all.readUInt32BE(at + 5), payload });
    }
    at = end;
  }
  return frames;
}

/** The places of :status with a value in the static table of HPACK (RFC 7541 A). */
const STATUSES: Readonly<Record<number, number>> = { 8: 200, 12: 400, 13: 404, 14: 500 };
const INDEXED = 0x80;

/** What a stream got: a status as far as HPACK has an octet for it, "reset", or nothing. */
export function outcomeOf(frames: readonly Frame[], stream: number): number | "reset" | "none" {
  for (const { type, payload, stream: id } of frames) {
    if (id !== stream) continue;
    if (type === RST_STREAM) return "reset";
    if (type === HEADERS) return STATUSES[(payload[0] as number) & ~INDEXED] ?? 0;
  }
  return "none";
}
