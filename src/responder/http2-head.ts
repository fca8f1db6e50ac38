import type { IncomingHttpHeaders } from "node:http2";
import { LARGEST_HEAD } from "./limits.ts";
import { expectsUnknown, type RefusedRequest } from "./refused-request.ts";

/** Why a head that node:http2 has read is refused, whatever it asks for. */
export function whyRefused(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): RefusedRequest | undefined {
  if (isTooLong(rawHeaders)) return "headTooLarge";
  if (hasTwoHosts(headers)) return "severalHosts";
  return expectsUnknown(headers.expect) ? "expectationUnknown" : undefined;
}

/** :authority and Host may both be there, but say the same (RFC 9113 8.3.1); what is none nghttp2 sees to. */
function hasTwoHosts({ ":authority": authority, host }: IncomingHttpHeaders): boolean {
  return authority !== undefined && host !== undefined && authority !== host;
}

/** As HTTP/2 counts a head, without 32 octets for each field (RFC 9113 6.5.2). */
function isTooLong(rawHeaders: readonly string[]): boolean {
  let length = 0;
  for (const text of rawHeaders) length += text.length;
  return length > LARGEST_HEAD;
}
