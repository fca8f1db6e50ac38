import type { UnixSeconds } from "../der/time.ts";
import type { Span } from "./byte-range.ts";
import { crlCacheControl, crlMaxAge, IMMUTABLE_CACHE_CONTROL } from "./cache-control.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { httpDate } from "./http-date.ts";
import type { PublishedFile, Representation } from "./published-file.ts";

const NOTHING = Buffer.alloc(0);
/** What does not go out of date by itself may have been replaced. */
const CERTIFICATE_MAX_AGE = 3600;

/** What is sent of a file: in which form, and how much of that. */
export interface Part {
  readonly chosen: Representation;
  readonly span: Span | "whole";
}

/** A file in the form that was chosen, whole (200) or a part of it (206). */
export function contentAnswer(
  file: PublishedFile,
  { chosen, span }: Part,
  body: HttpAnswer["body"],
  now: UnixSeconds,
): HttpAnswer {
  const content = [
    "Content-Type",
    file.contentType,
    ...(chosen.coding === "gzip" ? ["Content-Encoding", "gzip"] : []),
    "Content-Length",
    String(span === "whole" ? chosen.size : span.end - span.start),
    ...(span === "whole" ? [] : ["Content-Range", contentRange(span, chosen)]),
    "Accept-Ranges",
    "bytes",
  ];
  const status = span === "whole" ? 200 : 206;
  return { status, headers: [...content, ...validatingFields(file, chosen, now)], body };
}

/** 304: what the client has is still it. */
export function unchangedAnswer(
  file: PublishedFile,
  chosen: Representation,
  now: UnixSeconds,
): HttpAnswer {
  return { status: 304, headers: validatingFields(file, chosen, now), body: NOTHING };
}

/** Content-Range of a part (RFC 9110 14.4). */
function contentRange({ start, end }: Span, { size }: Representation): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

/** What a 200, a 206 and a 304 say alike (RFC 9110 15.3.7, 15.4.5). */
function validatingFields(
  file: PublishedFile,
  { etag }: Representation,
  now: UnixSeconds,
): string[] {
  const fields = ["ETag", etag, "Cache-Control", cacheControl(file, now), "Date", httpDate(now)];
  if (file.gzip) fields.push("Vary", "Accept-Encoding");
  const { lastModified, nextUpdate, stands } = file;
  if (lastModified !== undefined) fields.push("Last-Modified", httpDate(lastModified));
  if (nextUpdate !== undefined && stands === "forNow") fields.push("Expires", httpDate(nextUpdate));
  return fields;
}

function cacheControl({ nextUpdate, stands }: PublishedFile, now: UnixSeconds): string {
  if (stands === "forEver") return IMMUTABLE_CACHE_CONTROL;
  const maxAge = nextUpdate === undefined ? CERTIFICATE_MAX_AGE : crlMaxAge(nextUpdate, now);
  return crlCacheControl(maxAge);
}
