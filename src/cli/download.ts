import { Failure } from "./failure.ts";

/** For all of it. */
const PATIENCE_MS = 120_000;
/** Larger than any CRL that relying parties can cope with. */
const LARGEST = 512 * 1024 * 1024;

/** What stands at a URL; a `Failure` where it cannot be had whole. */
export async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return await allOctets(response.body ?? []);
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new Failure("badFile", `cannot get ${url}: ${why}`, "check the URL, and the way to it");
  }
}

/** All that comes, as far as it is no larger than any CRL that relying parties can cope with. */
export async function allOctets(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > LARGEST) throw new Error(`it is larger than ${LARGEST} octets`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}
