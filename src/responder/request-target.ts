/** Where a request goes, or why nowhere. `Route` is whatever stands for a file that is served. */
export type Routed<Route> =
  /** An OCSP request in the path, as it came: escaped, unchecked, perhaps empty. */
  | { readonly kind: "ocspGet"; readonly encoded: string }
  | { readonly kind: "ocspPost" }
  | { readonly kind: "file"; readonly route: Route }
  | { readonly kind: "root" }
  | { readonly kind: "notFound" }
  /** 405; `allow` is the value of its Allow field. */
  | { readonly kind: "methodNotAllowed"; readonly allow: string }
  /** 414. */
  | { readonly kind: "targetTooLong" };

/** The longest request line in octets, without its line end; RFC 9112 3 asks for 8000 at least. */
export const LONGEST_REQUEST_LINE = 8192;
const BLANKS_AND_VERSION = "  HTTP/1.1".length;

/** `M`, plain and escaped: six bits of every SEQUENCE's first octet. */
const BASE64_STARTS = ["/M", "/%4D", "/%4d"] as const;
/** Begins with what begins no name of a file: who asks for it meant base64, and gets to hear that it is none. */
const NO_NAME = /^\/[^\w./~%-]/;
const OCSP_FOLDER = "/ocsp/";
const POST_PATHS: ReadonlySet<string> = new Set(["/", "/ocsp", OCSP_FOLDER]);
const ALLOW_FILE = "GET, HEAD";
/** What is answered at the addresses of OCSP. */
export const ALLOW_OCSP = "GET, HEAD, POST";
const SLASH = "/".charCodeAt(0);
const LETTER_M = "M".charCodeAt(0);
const POSTED_OCSP = Buffer.from("/ocsp", "latin1");

/** What stands at a path. */
export interface Routes<Route> {
  get(path: string): Route | undefined;
}

/**
 * Routes a request by its method and its request target exactly as it stood in the request line
 * (RFC 9112 3.2), one character an octet. Nothing is normalised, since a base64 text may hold
 * `//`; only the query, the authority of an absolute-form and all leading slashes but one go.
 *
 * The keys of `routes` are paths that begin with one slash, and match exactly. They win over the
 * rule that a path which begins with `M` is an OCSP request.
 */
export function routeTarget<Route>(
  method: string,
  target: string,
  routes: Routes<Route>,
): Routed<Route> {
  if (method.length + target.length + BLANKS_AND_VERSION > LONGEST_REQUEST_LINE) {
    return { kind: "targetTooLong" };
  }
  const path = pathOf(target);
  if (method === "GET" || method === "HEAD") return routeRead(path, routes);
  if (method === "POST" && POST_PATHS.has(path)) return { kind: "ocspPost" };
  if (routes.get(path) !== undefined) return { kind: "methodNotAllowed", allow: ALLOW_FILE };
  const isOcsp = path === "/" || path === "*" || encodedRequest(path) !== undefined;
  if (method === "POST" || !isOcsp) return { kind: "notFound" };
  return { kind: "methodNotAllowed", allow: ALLOW_OCSP };
}

/** Whether a target, in octets, is just one of those that OCSP is posted to; others may be too. */
export function isPostTarget(octets: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 5 && isAt(octets, start, POSTED_OCSP));
}

/**
 * Where the base64 begins in a target of the plainest form, `/M…` or `/ocsp/M…`, in octets; -1 for all
 * others. The target begins with a slash.
 */
export function plainOcspGet(octets: Uint8Array, start: number): number {
  if (octets[start + 1] === LETTER_M) return start + 1;
  const encodedAt = start + OCSP_FOLDER.length;
  const isInFolder = octets[encodedAt] === LETTER_M && isAt(octets, start, POSTED_OCSP);
  return isInFolder && octets[encodedAt - 1] === SLASH ? encodedAt : -1;
}

/** Whether a configured path looks like a request in base64: it wins over the rule. */
export function isRequestLike(path: string): boolean {
  return encodedRequest(path) !== undefined;
}

function isAt(octets: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (octets[at + i] !== wanted[i]) return false;
  return true;
}

function routeRead<Route>(path: string, routes: Routes<Route>): Routed<Route> {
  if (path === "/") return { kind: "root" };
  const route = routes.get(path);
  if (route !== undefined) return { kind: "file", route };
  const encoded = encodedRequest(path);
  return encoded === undefined ? { kind: "notFound" } : { kind: "ocspGet", encoded };
}

/** The path with one leading slash; a target that has no path (`*`, an authority) stays as it is. */
function pathOf(target: string): string {
  const query = target.indexOf("?");
  const whole = query < 0 ? target : target.slice(0, query);
  const path = whole.charCodeAt(0) === SLASH ? whole : pathOfAbsoluteForm(whole);
  const slashes = leadingSlashes(path, 0);
  return slashes > 1 ? path.slice(slashes - 1) : path;
}

function pathOfAbsoluteForm(target: string): string {
  const authority = /^https?:\/\/[^/]*/i.exec(target);
  return authority === null ? target : target.slice(authority[0].length) || "/";
}

function leadingSlashes(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SLASH) at++;
  return at - from;
}

/** What a GET of this path asks, or nothing when the path is not one for OCSP. */
function encodedRequest(path: string): string | undefined {
  const isBase64 = BASE64_STARTS.some((start) => path.startsWith(start));
  if (isBase64 || NO_NAME.test(path)) return path.slice(1);
  if (path.startsWith(OCSP_FOLDER)) {
    return path.slice(OCSP_FOLDER.length + leadingSlashes(path, OCSP_FOLDER.length));
  }
  return path === "/ocsp" ? "" : undefined;
}
