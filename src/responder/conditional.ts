import type { UnixSeconds } from "../der/time.ts";
import { parseHttpDate } from "./http-date.ts";

/** The request's two preconditions that a 304 can answer; undefined where it has no such field. */
export interface Preconditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** What is known of the representation that a 200 would carry. */
export interface Validators {
  /** With its quotes; without a comma in it. */
  readonly etag: string;
  readonly lastModified: UnixSeconds;
}

/**
 * Whether a GET or HEAD is answered 304 (RFC 9110 13.2.2). For other methods, and for a
 * representation that is itself out of date, do not ask.
 *
 * If-None-Match decides alone where it is there, also when it does not match. If-Modified-Since
 * is ignored when it is no HTTP-date, or a time that has not come yet (13.1.3).
 */
export function notModified(
  headers: Preconditions,
  validators: Validators,
  now: UnixSeconds,
): boolean {
  if (headers.ifNoneMatch !== undefined) return matchesAny(headers.ifNoneMatch, validators.etag);
  if (headers.ifModifiedSince === undefined) return false;
  const since = parseHttpDate(headers.ifModifiedSince.trim(), now);
  return since !== undefined && since <= now && validators.lastModified <= since;
}

/** If-None-Match: `*` or a list of entity-tags, compared weakly (RFC 9110 13.1.2, 8.8.3.2). */
function matchesAny(list: string, etag: string): boolean {
  if (list === etag || list.trim() === "*") return true;
  const wanted = opaqueTag(etag);
  // A foreign tag may hold a comma, but no piece of it looks like a whole tag: quotes end tags.
  return list.split(",").some((member) => opaqueTag(member.trim()) === wanted);
}

function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}
