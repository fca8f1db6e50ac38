import type { UnixSeconds } from "../der/time.ts";
import { ERROR_RESPONSES } from "../ocsp/error-response.ts";
import { answerCacheControl, answerMaxAge, ERROR_CACHE_CONTROL } from "./cache-control.ts";
import type { Download } from "./download.ts";
import { httpDate } from "./http-date.ts";
import { REFUSAL_STATUS, type Refusal, type SignedAnswer } from "./ocsp-source.ts";

/** What goes back: header fields as a flat list of names and values, Content-Length included. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  /** A download has to be sent or cancelled. */
  readonly body: Buffer | Download;
}

const OCSP_RESPONSE = "application/ocsp-response";
const NOTHING = Buffer.alloc(0);

/** A pre-signed answer with the caching fields of RFC 9919 6 and 7.2, or 304 without a body. */
export function signedAnswer(
  answer: SignedAnswer,
  now: UnixSeconds,
  condition: "modified" | "notModified",
): HttpAnswer {
  const maxAge = answerMaxAge(answer, answer.issuer, now, answer.spread);
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
): HttpAnswer {
  const headers = [
    "Content-Type",
    contentType,
    "Content-Length",
    String(body.length),
    "Cache-Control",
    ERROR_CACHE_CONTROL,
    "Date",
    httpDate(now),
  ];
  return { status, headers, body };
}
