import type { KeyObject } from "node:crypto";
import { OIDS, oidText, sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import type { ReasonCode } from "../x509/reason.ts";
import { type SignatureAlgorithm, verifyOctets } from "../x509/signature-algorithm.ts";
import { type CertificateList, readCertificateList } from "./certificate-list.ts";
import type { CRLFields } from "./crl-fields.ts";
import type { RevokedEntry } from "./entry.ts";
import { EntryComparison, type EntryFault } from "./entry-comparison.ts";
import type { ListedExtension } from "./extension-reader.ts";

/** What a CRL may fail its proof by. */
export type CRLFault =
  | "encoding"
  | "size"
  | "signature"
  | "issuer"
  | "authorityKeyIdentifier"
  | "crlNumber"
  | "baseCRLNumber"
  | "issuingDistributionPoint"
  | "freshestCRL"
  | "time"
  | "extensions"
  | EntryFault;

/** What a CRL has to say before it is published. */
export interface ExpectedCRL extends CRLFields {
  readonly publicKey: KeyObject;
  /** What `publicKey` verifies with. */
  readonly algorithm: SignatureAlgorithm;
  /** Ascending by the octets of the serial number. Each is used before the next is asked for. */
  readonly entries: Iterable<RevokedEntry>;
  /** removeFromCRL has no place on a complete CRL (RFC 5280 5.3.1), hold only where it is allowed. */
  readonly allowedReasons: ReadonlySet<ReasonCode>;
  /** The CRL of this scope that was published last. */
  readonly previous: { readonly crlNumber: bigint; readonly thisUpdate: UnixSeconds } | undefined;
  /** Bounds of the whole CRL in octets, both allowed. */
  readonly size: { readonly least: number; readonly most: number };
}

/**
 * Proves a complete CRL before it is published: reads it back with the strict decoder and holds
 * every field, every entry and the signature against what was meant. Returns the first fault, or
 * nothing when the CRL may go out. It throws only when `entries` does or the key cannot be used.
 */
export function proveCRL(der: Uint8Array, expected: ExpectedCRL): CRLFault | undefined {
  if (der.length < expected.size.least || der.length > expected.size.most) return "size";
  const comparison = new EntryComparison(expected.entries, expected.allowedReasons);
  const list = readOrNothing(der, comparison);
  const entryFault = comparison.end();
  if (!list) return "encoding";
  return fieldFault(list, expected) ?? entryFault;
}

function readOrNothing(der: Uint8Array, comparison: EntryComparison): CertificateList | undefined {
  try {
    return readCertificateList(der, (entry) => comparison.add(entry));
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

type Check = (list: CertificateList, expected: ExpectedCRL) => boolean;

const checks: readonly (readonly [CRLFault, Check])[] = [
  ["signature", isSignedAsExpected],
  ["issuer", (list, expected) => sameOctets(list.issuer, expected.issuer)],
  ["authorityKeyIdentifier", namesTheKeyOnly],
  ["crlNumber", hasRisenNumber],
  ["time", hasExpectedTimes],
  ["baseCRLNumber", hasExpectedBase],
  ["issuingDistributionPoint", hasExpectedPoint],
  ["freshestCRL", hasExpectedFreshest],
  ["extensions", hasOurExtensionsOnly],
];

function fieldFault(list: CertificateList, expected: ExpectedCRL): CRLFault | undefined {
  return checks.find(([, holds]) => !holds(list, expected))?.[0];
}

function isSignedAsExpected(list: CertificateList, expected: ExpectedCRL): boolean {
  if (!sameOctets(list.signatureAlgorithm, expected.signatureAlgorithm)) return false;
  return verifyOctets(expected.algorithm, list.tbsCertList, expected.publicKey, list.signature);
}

function namesTheKeyOnly(list: CertificateList, expected: ExpectedCRL): boolean {
  const { keyIdentifier, namesCertificate = true } = list.authorityKeyIdentifier ?? {};
  if (keyIdentifier === undefined || namesCertificate) return false;
  return sameOctets(keyIdentifier, expected.authorityKeyIdentifier);
}

function hasRisenNumber({ crlNumber }: CertificateList, expected: ExpectedCRL): boolean {
  if (crlNumber !== expected.crlNumber) return false;
  return expected.previous === undefined || crlNumber > expected.previous.crlNumber;
}

function hasExpectedTimes(list: CertificateList, expected: ExpectedCRL): boolean {
  return (
    list.thisUpdate === expected.thisUpdate &&
    list.nextUpdate === expected.nextUpdate &&
    list.thisUpdate < list.nextUpdate &&
    list.expiredCertsOnCRL === expected.expiredCertsOnCRL &&
    list.thisUpdate >= (expected.previous?.thisUpdate ?? list.thisUpdate)
  );
}

/** A delta names a base that came before it, or with it (RFC 5280 5.2.3, 5.2.4). */
function hasExpectedBase({ baseCRLNumber }: CertificateList, expected: ExpectedCRL): boolean {
  if (baseCRLNumber !== expected.baseCRLNumber) return false;
  return baseCRLNumber === undefined || baseCRLNumber <= expected.crlNumber;
}

/** Nothing but the shard's URL: the CRL covers every kind of certificate and every reason. */
function hasExpectedPoint(
  { issuingDistributionPoint: point }: CertificateList,
  { issuingDistributionPoint: url }: ExpectedCRL,
): boolean {
  if (!point || url === undefined) return point === undefined && url === undefined;
  const { uris, ...limits } = point;
  return uris.length === 1 && uris[0] === url && !Object.values(limits).includes(true);
}

function hasExpectedFreshest({ freshestCRL }: CertificateList, expected: ExpectedCRL): boolean {
  if (!freshestCRL) return expected.freshestCRL === undefined;
  return freshestCRL.length === 1 && freshestCRL[0] === expected.freshestCRL;
}

const CRITICAL: ReadonlySet<string> = new Set([
  oidText(OIDS.deltaCRLIndicator),
  oidText(OIDS.issuingDistributionPoint),
]);

/** Nothing unknown, and critical just what has to be: anything else would be a fault of our own. */
function hasOurExtensionsOnly(list: CertificateList): boolean {
  const isOurs = ({ oid, isKnown, isCritical }: ListedExtension): boolean =>
    isKnown && isCritical === CRITICAL.has(oid);
  return list.extensions.every(isOurs) && list.remarkableEntryExtensions.length === 0;
}
