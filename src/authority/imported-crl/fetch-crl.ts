import { createWriteStream } from "node:fs";
import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { EnvHttpProxyAgent, interceptors, request } from "undici";
import { VERSION } from "../../observe/version.ts";
import { LARGEST_CRL, refuseBeyond, upTo } from "./receive-crl.ts";

/** What a server said of a CRL, to ask for a newer one with (RFC 9110 8.8). */
export interface Validators {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What is fetched, and where to. */
interface Fetch {
  readonly url: string;
  /** Written anew; whoever asks removes it, also after a failure. */
  readonly file: string;
  /** What the server said of the CRL that is here. */
  readonly known: Validators | undefined;
  readonly stopping: AbortSignal;
}

/** How much is put up with. */
interface Limits {
  readonly redirects: number;
  /** Until an answer begins, and between two pieces of it. */
  readonly patienceMs: number;
  readonly longestMs: number;
  readonly octets: number;
}

/** 640 MB by a line of 10 Mbit/s take nine minutes. */
const LIMITS: Limits = {
  redirects: 3,
  patienceMs: 30_000,
  longestMs: 600_000,
  octets: LARGEST_CRL,
};

/**
 * Fetches a CRL by HTTP into a file, through the proxy that the environment names (`http_proxy`, `no_proxy`):
 * bounded in size, time and redirects, and only where it has changed since `known`. Returns what to ask with next
 * time, or `unchanged`. Rejects with words for the operator for anything else than a CRL.
 */
export async function fetchCRL(
  { url, file, known, stopping }: Fetch,
  limits: Limits = LIMITS,
): Promise<Validators | "unchanged"> {
  const agent = new EnvHttpProxyAgent();
  const asked = conditions(url, known);
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.longestMs)]);
    const response = await request(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: limits.redirects })),
      headers: {
        "user-agent": `vouch/${VERSION}`,
        "accept-encoding": "gzip",
        ...asked,
      },
      headersTimeout: limits.patienceMs,
      bodyTimeout: limits.patienceMs,
      signal,
    });
    const { statusCode, headers, body } = response;
    if (statusCode === 304 && Object.keys(asked).length > 0) return "unchanged";
    if (statusCode === 304) throw new Error("it answered 304, although nothing was known here");
    if (statusCode !== 200) throw new Error(answeredText(statusCode, headers["location"]));
    // Not a first octet is taken of what says that it is too large.
    refuseBeyond(limits.octets, Number(headers["content-length"] ?? 0));
    const plain = decoded(headers["content-encoding"]);
    const written = createWriteStream(file, { mode: 0o600 });
    await pipeline(body, plain, upTo(limits.octets), written, { signal });
    return { url, etag: oneOf(headers["etag"]), lastModified: oneOf(headers["last-modified"]) };
  } finally {
    await agent.destroy();
  }
}

/** What makes the CRL of an answer's body (RFC 9110 8.4.1). */
function decoded(coding: string | string[] = "identity"): Transform {
  switch (String(coding).toLowerCase()) {
    case "identity":
      return new PassThrough();
    case "gzip":
    case "x-gzip":
      return createGunzip();
    default:
      throw new Error(`it answered in ${coding}, which was not asked for`);
  }
}

function answeredText(status: number, location: string | string[] | undefined): string {
  const isTooFar = status >= 300 && status < 400 && location !== undefined;
  return `it answered ${status}${isTooFar ? `: after too many redirects on to ${location}` : ""}`;
}

function conditions(url: string, known: Validators | undefined): Record<string, string> {
  if (known?.url !== url) return {};
  return {
    ...(known.etag !== null && { "if-none-match": known.etag }),
    ...(known.lastModified !== null && { "if-modified-since": known.lastModified }),
  };
}

/** Nothing where it cannot be sent back as it came. */
function oneOf(value: string | string[] | undefined): string | null {
  const one = Array.isArray(value) ? value[0] : value;
  return one !== undefined && /^[ -~]*$/.test(one) ? one : null;
}
