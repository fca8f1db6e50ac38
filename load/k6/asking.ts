import { check } from "k6";
import { b64decode } from "k6/encoding";
import {
  expectedStatuses,
  get,
  type Params,
  post,
  type Response,
  setResponseCallback,
} from "k6/http";
import { Counter } from "k6/metrics";
import { CRL_PATH, REQUESTS, URL } from "./inputs.ts";
import { withNonce } from "./with-nonce.ts";

/** What a relying party can do; the names under which it is measured. */
export const POST = "OCSP by POST";
const NONCE = "OCSP by POST, with a nonce";
export const GET = "OCSP by GET";
export const CONDITIONAL = "OCSP by conditional GET";
export const CRL = "CRL";

const crlDownloads = new Counter("crl_downloads");
const crlUnchanged = new Counter("crl_unchanged");

// Anything else is a failed request.
setResponseCallback(expectedStatuses(200, 304));

/** What this virtual user has seen last, and may ask for again. */
let seen: { readonly path: string; readonly etag: string } | undefined;
let crlETag: string | undefined;

/** One certificate's status by POST. */
export function askByPost(): void {
  const der = b64decode(someRequest());
  const answer = post(`${URL}/ocsp`, der, {
    ...params(POST),
    headers: { "Content-Type": "application/ocsp-request" },
  });
  check(answer, { "POST: a successful OCSPResponse": isSuccessful });
}

/** One certificate's status by POST, with a nonce; over the client's budget the answer comes without. */
export function askWithNonce(): void {
  const der = withNonce(new Uint8Array(b64decode(someRequest())));
  const answer = post(`${URL}/ocsp`, der.buffer as ArrayBuffer, {
    ...params(NONCE),
    headers: { "Content-Type": "application/ocsp-request" },
  });
  check(answer, { "nonce: a successful OCSPResponse": isSuccessful });
}

/** One certificate's status by GET. */
export function askByGet(): void {
  const path = `/${encodeURIComponent(someRequest())}`;
  const answer = get(URL + path, params(GET));
  check(answer, { "GET: a successful OCSPResponse": isSuccessful });
  seen = { path, etag: answer.headers["Etag"] ?? "" };
}

/** The same GET again, with the ETag of its answer. */
export function askAgain(): void {
  if (!seen) {
    askByGet();
    return;
  }
  const headers = { "If-None-Match": seen.etag };
  const answer = get(URL + seen.path, { ...params(CONDITIONAL), headers });
  check(answer, {
    "conditional GET: 304, or a newer answer": (got) => got.status === 304 || isSuccessful(got),
  });
}

/** The CRL, by a client without a cache. */
export function downloadCrl(): void {
  fetchCrl({});
}

/** The CRL, by a client that has the one before. */
export function refreshCrl(): void {
  fetchCrl(crlETag === undefined ? {} : { "If-None-Match": crlETag });
}

function fetchCrl(headers: Record<string, string>): void {
  const answer = get(URL + CRL_PATH, { ...params(CRL), headers });
  check(answer, { "CRL: whole, or 304": (got) => got.status === 304 || isWhole(got) });
  (answer.status === 304 ? crlUnchanged : crlDownloads).add(1);
  crlETag = answer.headers["Etag"] ?? crlETag;
}

function params(name: string): Params {
  return { tags: { name }, responseType: "binary" };
}

function someRequest(): string {
  return REQUESTS[Math.floor(Math.random() * REQUESTS.length)] ?? "";
}

/** HTTP 200 and responseStatus 0 (RFC 6960 4.2.1). */
function isSuccessful({ status, body }: Response): boolean {
  if (status !== 200 || body === null) return false;
  const octets = new Uint8Array(body);
  const length = octets[1] ?? 0;
  const at = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return octets[at] === 0x0a && octets[at + 2] === 0;
}

function isWhole({ status, body, headers }: Response): boolean {
  return status === 200 && body !== null && body.byteLength === Number(headers["Content-Length"]);
}
