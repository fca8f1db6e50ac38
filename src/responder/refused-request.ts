import type { IncomingMessage } from "node:http";
import { hasHostIfAbsolute, isHost } from "./host-field.ts";
import { LARGEST_BODY } from "./limits.ts";

/** Why a request of HTTP is refused, whatever it asks for. */
export type RefusedRequest =
  | "unreadable"
  | "noHost"
  | "severalHosts"
  | "badHost"
  | "late"
  | "chunkExtensionsTooLarge"
  | "bodyTooLarge"
  | "targetTooLong"
  | "expectationUnknown"
  | "headTooLarge"
  | "codingUnknown"
  | "versionUnknown";

/** The status, and the words that go with it. */
export const REFUSED_REQUESTS: Readonly<Record<RefusedRequest, readonly [number, string]>> = {
  unreadable: [400, "the request cannot be read"],
  noHost: [400, "there is no Host field"],
  severalHosts: [400, "more than one Host"],
  badHost: [400, "the Host, or the one in the target, is no host and port"],
  late: [408, "the request did not arrive in time"],
  chunkExtensionsTooLarge: [413, "the chunk extensions are too large"],
  bodyTooLarge: [413, `the body is larger than ${LARGEST_BODY} octets`],
  targetTooLong: [414, "the request line is too long: send OCSP requests by POST"],
  expectationUnknown: [417, "of Expect, 100-continue alone is known"],
  headTooLarge: [431, "the header fields are too large"],
  codingUnknown: [501, "of transfer codings, chunked alone is known"],
  versionUnknown: [505, "of HTTP/1, 1.0 and 1.1 are known, and HTTP/2 by its preface"],
};

/** Whether a request expects anything but to be told to go on (RFC 9110 10.1.1). */
export function expectsUnknown(expect: string | undefined): boolean {
  return expect !== undefined && expect.toLowerCase() !== "100-continue";
}

/** Why a head that node:http has read is refused, whatever it asks for. Each is its connection's last. */
export function faultyHead(request: IncomingMessage): RefusedRequest | undefined {
  if (request.httpVersionMajor !== 1) return "versionUnknown";
  return faultyHost(request) ?? faultyCoding(request);
}

/** HTTP/1.1 has one Host; which of several it means nobody can say (RFC 9112 3.2). */
function faultyHost(request: IncomingMessage): RefusedRequest | undefined {
  const hosts = fieldsOf(request, "host");
  const [host] = hosts;
  if (hosts.length > 1) return "severalHosts";
  if (host === undefined) return request.httpVersion === "1.1" ? "noHost" : undefined;
  return isHost(host) && hasHostIfAbsolute(request.url ?? "") ? undefined : "badHost";
}

/**
 * node:http reads chunks wherever they are the last coding, and in HTTP/1.0, which has no codings: who passed the
 * request on may have read it in another way (RFC 9112 6.1, 11.2).
 */
function faultyCoding(request: IncomingMessage): RefusedRequest | undefined {
  const fields = fieldsOf(request, "transfer-encoding");
  if (fields.length === 0) return undefined;
  const before = fields
    .join()
    .split(",")
    .map((coding) => coding.trim().toLowerCase());
  const last = before.pop();
  // Without chunks as the last coding, and only there, nobody can say how long the body is (RFC 9112 6.3).
  if (request.httpVersion === "1.0" || last !== "chunked" || before.includes("chunked")) {
    return "unreadable";
  }
  if (before.length === 0) return undefined;
  return before.join("") === "" ? "unreadable" : "codingUnknown";
}

function fieldsOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** Whether it says so itself; a body in chunks does not. */
export function isTooLarge(request: IncomingMessage): boolean {
  return Number(request.headers["content-length"] ?? 0) > LARGEST_BODY;
}
