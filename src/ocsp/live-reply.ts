import type { UnixSeconds } from "../der/time.ts";

/** Why the authority gives no answer. */
export const LIVE_REFUSALS = ["unauthorized", "tryLater"] as const;
export type LiveRefusal = (typeof LIVE_REFUSALS)[number];

const RESULTS = ["good", "revoked", "unknown"] as const;

/** A live answer, with what a responder makes its HTTP head from and checks before it goes out. */
export interface LiveSigned {
  /** The gravest certStatus in it. */
  readonly result: (typeof RESULTS)[number];
  /** The earliest in it. */
  readonly thisUpdate: UnixSeconds;
  /** The earliest in it. */
  readonly nextUpdate: UnixSeconds;
  /** The versions of the records that it was made from, in the order of the request; 0 for none. */
  readonly versions: readonly number[];
  readonly der: Buffer;
}

/** What the authority says to a question. */
export type LiveReply = LiveSigned | LiveRefusal;

/*
 * The octets: refusal (1), its index + 1; or 0, result (1), thisUpdate (5), nextUpdate (5), count (1),
 * versions (6 each), and the OCSPResponse.
 */
const HEAD = 13;
const VERSION = 6;

export function encodeReply(reply: LiveReply): Buffer {
  if (typeof reply === "string") return Buffer.of(LIVE_REFUSALS.indexOf(reply) + 1);
  const { result, thisUpdate, nextUpdate, versions, der } = reply;
  const head = Buffer.alloc(HEAD + versions.length * VERSION);
  head[1] = RESULTS.indexOf(result);
  head.writeUIntBE(thisUpdate, 2, 5);
  head.writeUIntBE(nextUpdate, 7, 5);
  head[12] = versions.length;
  for (const [i, version] of versions.entries()) {
    head.writeUIntBE(version, HEAD + i * VERSION, VERSION);
  }
  return Buffer.concat([head, der]);
}

/** Reads a reply; nothing where it is none. */
export function decodeReply(octets: Buffer): LiveReply | undefined {
  if (octets[0] !== 0) return LIVE_REFUSALS[(octets[0] ?? 0) - 1];
  const result = RESULTS[octets[1] ?? -1];
  const count = octets[12] ?? 0;
  const derAt = HEAD + count * VERSION;
  if (!result || derAt >= octets.length) return undefined;
  return {
    result,
    thisUpdate: octets.readUIntBE(2, 5),
    nextUpdate: octets.readUIntBE(7, 5),
    versions: Array.from({ length: count }, (_, i) =>
      octets.readUIntBE(HEAD + i * VERSION, VERSION),
    ),
    der: octets.subarray(derAt),
  };
}
