import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import { advice, type Finding } from "./finding.ts";

/** What decides how an answer may be cached. */
interface Cacheable {
  readonly headers: ReadonlyMap<string, string>;
  readonly nextUpdate: UnixSeconds | undefined;
  readonly now: UnixSeconds;
}

const LASTS = "have the responder send what RFC 9919 7.2 says";

/** What the caching headers of an answer to a GET without nonce lack (RFC 9919 6 and 7.2). */
export function cachingFindings(answer: Cacheable): Finding[] {
  const { headers } = answer;
  return [
    ...cacheControlFindings(answer),
    ...expiresFindings(answer),
    ...etagFindings(headers.get("etag")),
    ...["last-modified", "date"].flatMap((name) => [...dateFindings(name, headers.get(name))]),
  ];
}

/** An error must not be kept instead of an answer (RFC 9919 7.2, RFC 6960 5). */
export function errorCachingFindings(headers: ReadonlyMap<string, string>): Finding[] {
  const control = headers.get("cache-control") ?? "";
  if (/no-store|no-cache|max-age=0/.test(control) || headers.get("pragma") === "no-cache")
    return [];
  return [
    advice(
      "the error may be cached: Cache-Control does not say no-store or no-cache",
      "have the responder forbid it (RFC 9919 7.2), or caches keep the error",
    ),
  ];
}

function* cacheControlFindings({ headers, nextUpdate, now }: Cacheable): Generator<Finding> {
  const control = headers.get("cache-control");
  if (control === undefined) {
    yield advice("no Cache-Control, so every client asks the responder itself", LASTS);
    return;
  }
  if (/no-store|no-cache/.test(control) || headers.get("pragma") === "no-cache") {
    yield advice("caching is forbidden for an answer that may be cached", LASTS);
    return;
  }
  for (const word of ["public", "no-transform", "must-revalidate"]) {
    if (!control.includes(word)) yield advice(`Cache-Control lacks ${word}`, LASTS);
  }
  const [, seconds] = /max-age\s*=\s*"?(\d+)/.exec(control) ?? [];
  if (seconds === undefined) yield advice("Cache-Control lacks max-age", LASTS);
  else if (nextUpdate !== undefined && now + Number(seconds) >= nextUpdate) {
    yield advice(
      `max-age=${seconds} lets caches keep the answer until or past nextUpdate, ${rfc3339(nextUpdate)}`,
      LASTS,
    );
  }
}

function* expiresFindings({ headers, nextUpdate }: Cacheable): Generator<Finding> {
  const expires = headers.get("expires");
  yield* dateFindings("expires", expires);
  if (expires === undefined || nextUpdate === undefined) return;
  const at = Date.parse(expires) / 1000;
  if (at > nextUpdate) yield advice(`Expires (${expires}) is after nextUpdate`, LASTS);
}

function* etagFindings(etag: string | undefined): Generator<Finding> {
  if (etag === undefined) yield advice("no ETag, so that nothing can be revalidated", LASTS);
  else if (!/^(W\/)?"[^"]*"$/.test(etag)) yield advice(`ETag ${etag} is not in quotes`, LASTS);
}

/** IMF-fixdate (RFC 9110 5.6.7). */
function* dateFindings(name: string, value: string | undefined): Generator<Finding> {
  const shown = name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  if (value === undefined) yield advice(`no ${shown}`, LASTS);
  else if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(value)) {
    yield advice(`${shown} "${value}" is no HTTP date`, LASTS);
  }
}
