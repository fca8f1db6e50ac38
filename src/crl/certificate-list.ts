import { sameOctets } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { type CRLExtensions, readCRLExtensions } from "./crl-extensions-reader.ts";
import { EntryReader, type ListedEntry } from "./entry-reader.ts";
import type { ListedExtension } from "./extension-reader.ts";
import { readX509Time } from "./time-reader.ts";

/** What a CRL says (RFC 5280 5.1). All octets are views of the CRL that was read. */
export interface CertificateList extends CRLExtensions {
  /** The TBSCertList whole: what the signature is over. */
  readonly tbsCertList: Uint8Array;
  readonly version: 1 | 2;
  /** AlgorithmIdentifier, whole; the CRL has it twice, alike. */
  readonly signatureAlgorithm: Uint8Array;
  /** Name, whole. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  /** How many certificates are listed. */
  readonly entryCount: number;
  /** Extensions of entries that are critical, or not known here; each once. */
  readonly remarkableEntryExtensions: readonly ListedExtension[];
  /** Critical extensions of the CRL or its entries that are not known here: it must not be relied on (RFC 5280 5.2, 5.3). */
  readonly unknownCriticalExtensions: readonly string[];
  readonly signature: Uint8Array;
}

type Entries = Pick<CertificateList, "entryCount" | "remarkableEntryExtensions"> & {
  readonly hasMetExtensions: boolean;
};
/** What a TBSCertList begins with, up to its entries. */
export type CRLHead = Pick<
  CertificateList,
  "version" | "signatureAlgorithm" | "issuer" | "thisUpdate" | "nextUpdate"
>;
type TBSCertList = Omit<CertificateList, "tbsCertList" | "signature">;

/**
 * Reads a CRL strictly: DER throughout, nextUpdate there (RFC 5280 5.1.2.5), every entry read.
 * A v1 CRL is one without any extension. The signature is not verified.
 *
 * `onEntry` gets each entry in the CRL's order, before the whole is known to be good: the same
 * object each time, so copy what must last. What is not such a CRL is a `DerError` with the byte.
 */
export function readCertificateList(
  der: Uint8Array,
  onEntry?: (entry: ListedEntry) => void,
): CertificateList {
  const reader = new DerReader(der, "CertificateList");
  const outer = reader.open(Tag.sequence);
  const start = reader.offset;
  const tbs = readTBSCertList(reader, onEntry);
  const tbsCertList = der.subarray(start, reader.offset);
  const at = reader.offset;
  if (!sameOctets(reader.element(Tag.sequence), tbs.signatureAlgorithm)) {
    reader.fail("signatureAlgorithm differs from the signed one", at);
  }
  const signature = reader.bitString();
  reader.close(outer);
  reader.end();
  return { tbsCertList, ...tbs, signature };
}

function readTBSCertList(
  reader: DerReader,
  onEntry: ((entry: ListedEntry) => void) | undefined,
): TBSCertList {
  const outer = reader.open(Tag.sequence);
  const head = readHead(reader);
  const { hasMetExtensions, ...entries } = readRevokedCertificates(reader, onEntry);
  if (head.version === 1 && (hasMetExtensions || !reader.atEnd)) reader.fail("v1 with extensions");
  const extensions = readCRLExtensions(reader);
  reader.close(outer);
  return {
    ...head,
    ...entries,
    ...extensions,
    unknownCriticalExtensions: unknownCritical([
      ...extensions.extensions,
      ...entries.remarkableEntryExtensions,
    ]),
  };
}

/** The critical ones that are not known here. */
export function unknownCritical(extensions: readonly ListedExtension[]): string[] {
  return extensions
    .filter(({ isCritical, isKnown }) => isCritical && !isKnown)
    .map(({ oid }) => oid);
}

/** Reads what a TBSCertList begins with; it must be open. */
export function readHead(reader: DerReader): CRLHead {
  return {
    version: readVersion(reader),
    signatureAlgorithm: reader.element(Tag.sequence),
    issuer: readIssuer(reader),
    thisUpdate: readX509Time(reader),
    nextUpdate: readNextUpdate(reader),
  };
}

/** Absent is v1; v2 is the INTEGER 1 (RFC 5280 5.1.2.1). */
function readVersion(reader: DerReader): 1 | 2 {
  if (reader.peek() !== Tag.integer) return 1;
  const at = reader.offset;
  if (reader.smallInteger() !== 1) reader.fail("version is not v2", at);
  return 2;
}

function readIssuer(reader: DerReader): Uint8Array {
  const at = reader.offset;
  const issuer = reader.element(Tag.sequence);
  if (issuer.length <= 2) reader.fail("empty issuer", at);
  return issuer;
}

function readNextUpdate(reader: DerReader): UnixSeconds {
  const tag = reader.peek();
  if (tag !== Tag.utcTime && tag !== Tag.generalizedTime) reader.fail("no nextUpdate");
  return readX509Time(reader);
}

function readRevokedCertificates(
  reader: DerReader,
  onEntry: ((entry: ListedEntry) => void) | undefined,
): Entries {
  const entry = new EntryReader(reader);
  let entryCount = 0;
  if (reader.peek() === Tag.sequence) {
    const outer = reader.open(Tag.sequence);
    for (; entry.next(); entryCount++) onEntry?.(entry);
    if (entryCount === 0) reader.refuse("revokedCertificates without entries");
    reader.close(outer);
  }
  const { hasMetExtensions, remarkableExtensions: remarkableEntryExtensions } = entry;
  return { entryCount, remarkableEntryExtensions, hasMetExtensions };
}
