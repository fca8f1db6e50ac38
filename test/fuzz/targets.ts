import { isDeepStrictEqual } from "node:util";
import { LenientReader } from "../../src/der/lenient-reader.ts";
import { DerError } from "../../src/der/reader.ts";
import { readAnyRequest } from "../../src/ocsp/any-request.ts";
import { type OCSPRequest, readRequest } from "../../src/ocsp/request.ts";
import { SingleRequest } from "../../src/ocsp/single-request.ts";
import { decodeOcspGet, decodePlainGet } from "../../src/responder/ocsp-get.ts";
import { PlainRequest } from "../../src/responder/plain-request.ts";
import { plainOcspGet, routeTarget } from "../../src/responder/request-target.ts";
import { pkijsReads } from "../ocsp/pkijs-request.ts";
import { read } from "../ocsp/read-request.ts";

/* What the octets of strangers meet on the request path. Each target throws where that must not happen. */

const single = new SingleRequest();
const plain = new PlainRequest();
const decoded = Buffer.alloc(8192);
const routes = new Map<string, never>();

/** What a target made of its input. */
export type Verdict = "taken" | "refused";

/** The body of a POST, or what a GET decoded to. */
export function readDer(der: Buffer): Verdict {
  const request = readRequest(der);
  const isSingle = single.read(der, 0, der.length);
  if (request instanceof DerError) {
    if (isSingle) throw new Error(`taken as plain, and refused: ${request.message}`);
    return "refused";
  }
  if (isSingle) expectSame(request);
  return "taken";
}

/** What the reader for the plain shape takes, the general one reads alike. */
function expectSame(request: OCSPRequest): void {
  const [{ hash, serialNumber, issuerNameHash, issuerKeyHash }, ...others] = request.certIDs;
  const { octets, serialAt, end, nameHashAt, keyHashAt, hashSize } = single;
  const same =
    others.length === 0 &&
    request.nonce === undefined &&
    hash === single.hash &&
    Buffer.compare(serialNumber, octets.subarray(serialAt, end)) === 0 &&
    Buffer.compare(issuerNameHash, octets.subarray(nameHashAt, nameHashAt + hashSize)) === 0 &&
    Buffer.compare(issuerKeyHash, octets.subarray(keyHashAt, keyHashAt + hashSize)) === 0;
  if (!same) throw new Error("the two readers of a request differ");
}

/** The path of a GET. */
export function readGet(path: string): Verdict {
  const routed = routeTarget("GET", path, routes);
  // No head that long reaches the reader for the plain shape.
  if (routed.kind === "targetTooLong") return "refused";
  const octets = Buffer.from(path, "latin1");
  const at = path.startsWith("/") ? plainOcspGet(octets, 0) : -1;
  const length = at < 0 ? -1 : decodePlainGet(octets, at, octets.length, decoded);
  const der = routed.kind === "ocspGet" ? decodeOcspGet(routed.encoded) : undefined;
  // What is no request of the plain shape goes on to the general reader.
  const isTaken = length >= 0 && single.read(decoded, 0, length);
  if (isTaken && !(der && Buffer.compare(der, decoded.subarray(0, length)) === 0)) {
    throw new Error("the two readers of a path differ");
  }
  return der ? readDer(der) : "refused";
}

/** Octets as they come on a connection. */
export function readMessage(octets: Buffer): Verdict {
  if (plain.read(octets, 0) !== "plain") return "refused";
  if (plain.method === "POST") return readDer(octets.subarray(plain.bodyAt, plain.end));
  return readGet(plain.target(octets));
}

/** What both take, pkijs reads alike; tells whether both do. */
export function agreesWithPkijs(der: Buffer): boolean {
  const ours = read(der);
  const theirs = ours instanceof Error ? undefined : pkijsReads(der);
  if (theirs === undefined) return false;
  if (!isDeepStrictEqual(ours, theirs)) throw new Error("pkijs reads something else");
  return true;
}

/** The reader of `vouch explain` ends with a DerError at the worst. */
export function isExplained(der: Buffer): void {
  try {
    readAnyRequest(new LenientReader(der, "OCSPRequest"));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
}
