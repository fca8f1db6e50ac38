/*
 * What Vouch does with each vector. Where the standard leaves a choice, the choice is Vouch's own,
 * and this table is where it is written down for tests.
 */

/** What OCSP says: `good` with status 200, or an OCSP error, or an HTTP status. */
type Outcome = "good" | "malformedRequest" | "unauthorized" | Several | 413;

/** A live answer about several certificates: their statuses in the order of the request. */
type Several = readonly ("good" | "revoked" | "unknown")[];

/** By the number that a `synthetic/NNN-*.der` begins with. */
export const DER_OUTCOMES: Readonly<Record<string, Outcome>> = {
  // SHA-1 and SHA-256 are pre-signed; SHA-384, SHA-512 and SHA-224 are signed when asked for.
  ...all(1, 10, "good"),
  // MD5, a hash that nobody knows; a SHA-1 hash of 32 octets.
  ...all(11, 12, "unauthorized"),
  ...all(13, 13, "malformedRequest"),
  // Nonces of 1 to 128 octets, then longer and empty ones (RFC 9654 2.1); one without its OCTET STRING.
  ...all(14, 27, "good"),
  ...all(28, 32, "malformedRequest"),
  ...all(33, 33, "good"),
  // A critical nonce, which is echoed; two nonces.
  ...all(34, 34, "good"),
  ...all(35, 35, "malformedRequest"),
  // A nonce in singleRequestExtensions is none; an unknown extension that is not critical.
  ...all(36, 37, "good"),
  ...all(38, 39, "malformedRequest"),
  // critical FALSE written out; acceptable responses with basic, and without.
  ...all(40, 41, "good"),
  ...all(42, 42, "malformedRequest"),
  // Preferred signature algorithms; an empty Extensions; service locator; version 1 written out, 2.
  ...all(43, 44, "good"),
  ...all(45, 45, "malformedRequest"),
  ...all(46, 47, "good"),
  ...all(48, 48, "malformedRequest"),
  // requestorName, and a signature that nobody asked for.
  ...all(49, 51, "good"),
  // No CertID; 2, 5, 20; 100; 1,000 (over 10,000 octets); 2 that are equal, of two hashes, of two CAs.
  ...all(52, 52, "malformedRequest"),
  ...all(53, 53, ["good", "good"]),
  ...all(54, 54, ["good", "good", ...Array<"unknown">(3).fill("unknown")]),
  ...all(55, 55, ["good", "good", ...Array<"unknown">(18).fill("unknown")]),
  ...all(56, 56, "malformedRequest"),
  ...all(57, 57, 413),
  ...all(58, 59, ["good", "good"]),
  ...all(60, 60, ["good", "unknown"]),
  // Foreign issuers; serial numbers that were never issued: odd, negative, long.
  ...all(61, 69, "unauthorized"),
  // No DER, or no OCSPRequest.
  ...all(70, 83, "malformedRequest"),
};

function all(first: number, last: number, outcome: Outcome): Record<string, Outcome> {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Object.fromEntries(numbers.map((number) => [String(number).padStart(3, "0"), outcome]));
}

/** What a raw HTTP message gets. */
export interface HttpOutcome {
  readonly status: number;
  /** What the body says as OCSP; nothing where it is not OCSP. */
  readonly ocsp?: "good" | "malformedRequest";
  /** How many such responses follow each other. */
  readonly times?: number;
  /** The connection is closed after it. */
  readonly closes?: true;
  readonly allow?: readonly string[];
  /** A `100 Continue` comes first. */
  readonly continues?: true;
  readonly head?: true;
}

const GOOD: HttpOutcome = { status: 200, ocsp: "good" };
const MALFORMED: HttpOutcome = { status: 200, ocsp: "malformedRequest" };
const ALLOW = ["GET", "HEAD", "POST"];

/** By the number that a `synthetic/http/NN-*.http` begins with. Not here: 20 and 47. */
export const HTTP_OUTCOMES: Readonly<Record<string, HttpOutcome>> = {
  ...Object.fromEntries(["01", "02", "03", "04", "05", "06", "07", "08"].map((n) => [n, GOOD])),
  "09": MALFORMED,
  ...Object.fromEntries(["10", "11", "12", "13", "14", "15", "16", "17"].map((n) => [n, GOOD])),
  "18": MALFORMED,
  "19": { status: 200 },
  "21": { ...GOOD, closes: true },
  "22": { status: 400 },
  "23": GOOD,
  "24": { ...GOOD, closes: true },
  "25": GOOD,
  "26": { status: 304 },
  ...Object.fromEntries(["27", "28", "29", "30"].map((n) => [n, GOOD])),
  "31": { status: 200, head: true },
  ...Object.fromEntries(["32", "33", "34", "35", "36", "37", "38"].map((n) => [n, GOOD])),
  "39": { ...GOOD, continues: true },
  "40": { status: 417 },
  "41": { ...GOOD, closes: true },
  "42": { ...GOOD, closes: true },
  "43": MALFORMED,
  "44": MALFORMED,
  "45": { status: 400, closes: true },
  "46": { status: 400, closes: true },
  "48": { status: 413 },
  "49": MALFORMED,
  "50": GOOD,
  "51": { ...GOOD, times: 2 },
  "52": { ...GOOD, times: 3 },
  "53": { status: 405, allow: ALLOW },
  "54": { status: 405, allow: ALLOW },
  "55": { status: 405, allow: ALLOW },
  "56": { status: 405, allow: ALLOW },
  "57": { status: 414 },
  "58": { status: 431, closes: true },
};

/** Captured messages, by number, that get something else than `good`; 32, 33 and 36 ask for a CRL. */
export const CAPTURED_OUTCOMES: Readonly<Record<string, Outcome | "crl">> = {
  "03": ["good", "good"],
  "04": ["good", "good", "good", "unknown"],
  "06": "unauthorized",
  "32": "crl",
  "33": "crl",
  "35": ["good", "good", "good", "unknown"],
  "36": "crl",
};
