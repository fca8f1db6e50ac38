import type { IncomingHttpHeaders } from "node:http";
import type { FileRequest } from "./file-source.ts";

/** What the header fields ask, as node:http and node:http2 give them. */
export function fileRequest(method: string | undefined, fields: IncomingHttpHeaders): FileRequest {
  return {
    ifMatch: fields["if-match"],
    ifNoneMatch: fields["if-none-match"],
    ifModifiedSince: fields["if-modified-since"],
    ifUnmodifiedSince: fields["if-unmodified-since"],
    ifRange: fields["if-range"] as string | undefined,
    acceptEncoding: fields["accept-encoding"] as string | undefined,
    range: method === "GET" ? fields.range : undefined,
  };
}
