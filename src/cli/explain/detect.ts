import { elementSpan } from "../../der/lenient-length.ts";
import { contextTag, Tag } from "../../der/reader.ts";
import type { ExplainedType } from "./explanation.ts";

const LABELS: ReadonlyMap<string, ExplainedType> = new Map([
  ["CERTIFICATE", "Certificate"],
  ["X509 CERTIFICATE", "Certificate"],
  ["X509 CRL", "CertificateList"],
  ["OCSP REQUEST", "OCSPRequest"],
  ["OCSP RESPONSE", "OCSPResponse"],
]);

/** What an object is, by its PEM label or its first elements; nothing where it is none of ours. */
export function detectType(der: Uint8Array, label: string | undefined): ExplainedType | undefined {
  const labelled = label && LABELS.get(label);
  if (labelled) return labelled;
  const outer = inside(der, 0);
  if (outer === undefined) return undefined;
  if (der[outer] === Tag.enumerated) return "OCSPResponse";
  const tbs = inside(der, outer);
  if (tbs === undefined) return undefined;
  const tags = childTags(der, tbs, 3);
  return signedType(tags) ?? (couldBeRequest(tags) ? "OCSPRequest" : undefined);
}

/** Certificates and CRLs begin alike: a version or none, then a number, or the algorithm at once. */
function signedType([first, second, third]: readonly number[]): ExplainedType | undefined {
  if (first === contextTag(0) && second === Tag.integer) return "Certificate";
  if (first === Tag.integer && second === Tag.sequence) {
    return third === Tag.sequence ? "CertificateList" : undefined;
  }
  const isTime = third === Tag.utcTime || third === Tag.generalizedTime;
  return first === Tag.sequence && second === Tag.sequence && isTime
    ? "CertificateList"
    : undefined;
}

/** TBSRequest begins with a version, a requestorName or the requestList. */
function couldBeRequest([first = -1]: readonly number[]): boolean {
  return [contextTag(0), contextTag(1), Tag.sequence].includes(first);
}

/** Where the content of the SEQUENCE at `at` begins, whole or cut off; nothing where there is none. */
function inside(der: Uint8Array, at: number): number | undefined {
  if (der[at] !== Tag.sequence) return undefined;
  const first = der[at + 1] ?? 0;
  return at + 2 + (first > 0x80 ? first & 0x7f : 0);
}

function childTags(der: Uint8Array, from: number, most: number): number[] {
  const tags: number[] = [];
  let at = from;
  while (tags.length < most && at < der.length) {
    tags.push(der[at] as number);
    const span = elementSpan(der, at, der.length);
    if (typeof span === "string") break;
    at = span.end;
  }
  return tags;
}
