import type { UnixSeconds } from "../der/time.ts";
import { ERROR_RESPONSES } from "../ocsp/error-response.ts";
import {
  answerCacheControl,
  answerMaxAge,
  ERROR_CACHE_CONTROL,
  PRIVATE_CACHE_CONTROL,
} from "./cache-control.ts";
import type { Download } from "./download.ts";
import { httpDate } from "./http-date.ts";
import type { LiveAnswer } from "./live-source.ts";
import { REFUSAL_STATUS, type Refusal, type SignedAnswer } from "./ocsp-source.ts";

/** What goes back: header fields as a flat list of names and values, Content-Length included. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  /** A download has to be sent or cancelled. */
  readonly body: Buffer | Download;
}

/** How long others may keep that a certificate was never issued. */
const BRIEF_SECONDS = 60;
const OCSP_RESPONSE = "application/ocsp-response";
const NOTHING = Buffer.alloc(0);

/**
 * An answer without a nonce, with the caching fields of RFC 9919 6 and 7.2, or 304 without a body. `longest`
 * bounds its max-age in seconds.
 */
export function signedAnswer(
  answer: Omit<SignedAnswer, "result">,
  now: UnixSeconds,
  condition: "modified" | "notModified",
  longest: number = Number.POSITIVE_INFINITY,
): HttpAnswer {
  const maxAge = Math.min(longest, answerMaxAge(answer, answer.issuer, now, answer.spread));
  const validators = [
    "Last-Modified",
    httpDate(answer.thisUpdate),
    "ETag",
    answer.etag,
    "Expires",
    httpDate(answer.nextUpdate),
    "Cache-Control",
    answerCacheControl(maxAge),
    "Date",
    httpDate(now),
  ];
  if (condition === "notModified") return { status: 304, headers: validators, body: NOTHING };
  const content = ["Content-Type", OCSP_RESPONSE, "Content-Length", String(answer.der.length)];
  return { status: 200, headers: [...content, ...validators], body: answer.der };
}

/** A live answer: one with a nonce is for nobody else; what was never issued may be at any moment. */
export function liveAnswer(
  answer: LiveAnswer,
  now: UnixSeconds,
  condition: "modified" | "notModified",
): HttpAnswer {
  if (answer.caching === "private") {
    return answerWith(200, OCSP_RESPONSE, answer.der, now, PRIVATE_CACHE_CONTROL);
  }
  const longest = answer.caching === "brief" ? BRIEF_SECONDS : undefined;
  return signedAnswer(answer, now, condition, longest);
}

/** An OCSP error: an OCSP response with status 200 that nobody may keep (RFC 9919 7.2). */
export function refusedAnswer(refusal: Refusal, now: UnixSeconds): HttpAnswer {
  return answerWith(200, OCSP_RESPONSE, ERROR_RESPONSES[REFUSAL_STATUS[refusal]], now);
}

/** An error of HTTP itself, in one plain line. */
export function httpError(
  status: number,
  line: string,
  now: UnixSeconds,
  more: readonly string[] = [],
): HttpAnswer {
  const answer = answerWith(status, "text/plain; charset=utf-8", Buffer.from(`${line}\n`), now);
  return { ...answer, headers: [...answer.headers, ...more] };
}

function answerWith(
  status: number,
  contentType: string,
  body: Buffer,
  now: UnixSeconds,
  cacheControl: string = ERROR_CACHE_CONTROL,
): HttpAnswer {
  const headers = [
    "Content-Type",
    contentType,
    "Content-Length",
    String(body.length),
    "Cache-Control",
    cacheControl,
    "Date",
    httpDate(now),
  ];
  return { status, headers, body };
}
