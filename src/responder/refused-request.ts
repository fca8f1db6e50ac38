import type { IncomingMessage } from "node:http";
import { LARGEST_BODY } from "./limits.ts";

/** Why a request of HTTP is refused, whatever it asks for. */
export type RefusedRequest =
  | "unreadable"
  | "noHost"
  | "severalHosts"
  | "late"
  | "chunkExtensionsTooLarge"
  | "bodyTooLarge"
  | "targetTooLong"
  | "expectationUnknown"
  | "headTooLarge";

/** The status, and the words that go with it. */
export const REFUSED_REQUESTS: Readonly<Record<RefusedRequest, readonly [number, string]>> = {
  unreadable: [400, "the request cannot be read"],
  noHost: [400, "there is no Host field"],
  severalHosts: [400, "more than one Host"],
  late: [408, "the request did not arrive in time"],
  chunkExtensionsTooLarge: [413, "the chunk extensions are too large"],
  bodyTooLarge: [413, `the body is larger than ${LARGEST_BODY} octets`],
  targetTooLong: [414, "the request line is too long: send OCSP requests by POST"],
  expectationUnknown: [417, "of Expect, 100-continue alone is known"],
  headTooLarge: [431, "the header fields are too large"],
};

/** Whether a request expects anything but to be told to go on (RFC 9110 10.1.1). */
export function expectsUnknown(expect: string | undefined): boolean {
  return expect !== undefined && expect.toLowerCase() !== "100-continue";
}

/** HTTP/1.1 has one Host; which of several it means nobody can say (RFC 9112 3.2). */
export function wrongHost({
  rawHeaders,
  httpVersion,
}: IncomingMessage): RefusedRequest | undefined {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === "host") hosts++;
  }
  if (hosts > 1) return "severalHosts";
  return hosts === 0 && httpVersion === "1.1" ? "noHost" : undefined;
}

/** Whether it says so itself; a body in chunks does not. */
export function isTooLarge(request: IncomingMessage): boolean {
  return Number(request.headers["content-length"] ?? 0) > LARGEST_BODY;
}
