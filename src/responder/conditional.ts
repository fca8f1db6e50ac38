import type { UnixSeconds } from "../der/time.ts";
import { parseHttpDate } from "./http-date.ts";

/** The request's two preconditions that a 304 can answer; undefined where it has no such field. */
export interface Preconditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** The preconditions of a request for a file, which may also be refused, or be for a part of it. */
export interface FilePreconditions extends Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
  readonly ifRange?: string | undefined;
}

/** What is known of the representation that a 200 would carry. */
export interface Validators {
  /** With its quotes; without a comma in it. */
  readonly etag: string;
  /** Nothing where none is given: then no time is compared with it (RFC 9110 13.1.3). */
  readonly lastModified: UnixSeconds | undefined;
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
  const { lastModified } = validators;
  if (headers.ifModifiedSince === undefined || lastModified === undefined) return false;
  const since = parseHttpDate(headers.ifModifiedSince.trim(), now);
  return since !== undefined && since <= now && lastModified <= since;
}

/**
 * Whether a request is answered 412, before anything else is looked at (RFC 9110 13.2.2). If-Match
 * compares strongly and decides alone where it is there (13.1.1, 13.1.4).
 */
export function preconditionFailed(
  { ifMatch, ifUnmodifiedSince }: FilePreconditions,
  { etag, lastModified }: Validators,
  now: UnixSeconds,
): boolean {
  if (ifMatch !== undefined) return ifMatch.trim() !== "*" && !members(ifMatch).includes(etag);
  if (ifUnmodifiedSince === undefined || lastModified === undefined) return false;
  const since = parseHttpDate(ifUnmodifiedSince.trim(), now);
  return since !== undefined && lastModified > since;
}

/**
 * How long a Last-Modified has to lie back before it can tell two representations apart: of two in one second
 * a client has seen one with a Date of that second, and must not ask by its time (RFC 9110 8.8.2.2, 13.1.5).
 */
const STRONG_AFTER_SECONDS = 1;

/**
 * Whether a Range is looked at (RFC 9110 13.1.5): there is no If-Range, or it is this representation's
 * entity-tag, compared strongly, or exactly its Last-Modified where that is a strong validator (8.8.2.2).
 */
export function rangeHolds(
  ifRange: string | undefined,
  { etag, lastModified }: Validators,
  now: UnixSeconds,
): boolean {
  if (ifRange === undefined) return true;
  const validator = ifRange.trim();
  if (validator.endsWith('"')) return validator === etag && !etag.startsWith("W/");
  if (lastModified === undefined || now - lastModified < STRONG_AFTER_SECONDS) return false;
  return parseHttpDate(validator, now) === lastModified;
}

/** If-None-Match: `*` or a list of entity-tags, compared weakly (RFC 9110 13.1.2, 8.8.3.2). */
function matchesAny(list: string, etag: string): boolean {
  if (list === etag || list.trim() === "*") return true;
  const wanted = opaqueTag(etag);
  // A foreign tag may hold a comma, but no piece of it looks like a whole tag: quotes end tags.
  return members(list).some((member) => opaqueTag(member) === wanted);
}

function members(list: string): string[] {
  return list.split(",").map((member) => member.trim());
}

function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}
