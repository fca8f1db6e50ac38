import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { EnvHttpProxyAgent, interceptors, request } from "undici";
import { VERSION } from "../../observe/version.ts";
import { LARGEST_CRL, upTo } from "./receive-crl.ts";

/** What a server said of a CRL, to ask for a newer one with (RFC 9110 8.8). */
export interface Validators {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

const REDIRECTS = 3;
/** Until an answer begins, and between two pieces of it. */
const PATIENCE_MS = 30_000;
/** For the whole: 640 MB by a line of 10 Mbit/s take nine minutes. */
const LONGEST_MS = 600_000;

/**
 * Fetches a CRL by HTTP into a file, through the proxy that the environment names (`http_proxy`, `no_proxy`):
 * bounded in size, time and redirects, and only where it has changed since `known`. Returns what to ask with next
 * time, or `unchanged`. Rejects with words for the operator for anything else than a CRL.
 */
export async function fetchCRL(
  url: string,
  file: string,
  known: Validators | undefined,
  stopping: AbortSignal,
): Promise<Validators | "unchanged"> {
  const agent = new EnvHttpProxyAgent();
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(LONGEST_MS)]);
    const response = await request(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: REDIRECTS })),
      headers: { "user-agent": `vouch/${VERSION}`, ...conditions(url, known) },
      headersTimeout: PATIENCE_MS,
      bodyTimeout: PATIENCE_MS,
      signal,
    });
    const { statusCode, headers, body } = response;
    if (statusCode === 304) return "unchanged";
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    const { "content-encoding": coding = "identity" } = headers;
    if (coding !== "identity") throw new Error(`it answered in ${coding}, which was not asked for`);
    await pipeline(body, upTo(LARGEST_CRL), createWriteStream(file, { mode: 0o600 }), { signal });
    return { url, etag: oneOf(headers["etag"]), lastModified: oneOf(headers["last-modified"]) };
  } finally {
    await agent.destroy();
  }
}

function conditions(url: string, known: Validators | undefined): Record<string, string> {
  if (known?.url !== url) return {};
  return {
    ...(known.etag !== null && { "if-none-match": known.etag }),
    ...(known.lastModified !== null && { "if-modified-since": known.lastModified }),
  };
}

function oneOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
