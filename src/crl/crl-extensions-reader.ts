import { oidText } from "../der/oids.ts";
import { contextTag, type DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import {
  type IssuingDistributionPoint,
  readDistributionPoints,
  readIssuingDistributionPoint,
} from "./distribution-point-reader.ts";
import {
  type ExtensionVisitor,
  type ListedExtension,
  oidElement,
  readExtensions,
} from "./extension-reader.ts";
import { readGeneralizedTime } from "./time-reader.ts";

/** AuthorityKeyIdentifier (RFC 5280 4.2.1.1). */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | undefined;
  /** Whether authorityCertIssuer or authorityCertSerialNumber is there. */
  readonly namesCertificate: boolean;
}

/** What a CRL's own extensions say (RFC 5280 5.2). */
export interface CRLExtensions {
  readonly crlNumber: bigint | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly expiredCertsOnCRL: UnixSeconds | undefined;
  /** deltaCRLIndicator: this is a delta CRL to the CRL of this number. */
  readonly baseCRLNumber: bigint | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  /** The URIs where deltas to this CRL are. */
  readonly freshestCRL: readonly string[] | undefined;
  /** All of them, in the CRL's order. */
  readonly extensions: readonly ListedExtension[];
}

const LONGEST_CRL_NUMBER = 20;

/** Reads crlExtensions, which end the TBSCertList or are absent (RFC 5280 5.1.2.7). */
export function readCRLExtensions(reader: DerReader): CRLExtensions {
  const visitor = new CRLExtensionsVisitor();
  if (!reader.atEnd) {
    const outer = reader.open(contextTag(0));
    readExtensions(reader, visitor);
    reader.close(outer);
  }
  return { ...NONE, ...visitor.read, extensions: visitor.extensions };
}

type Values = Omit<CRLExtensions, "extensions">;

const NONE: Values = {
  crlNumber: undefined,
  authorityKeyIdentifier: undefined,
  expiredCertsOnCRL: undefined,
  baseCRLNumber: undefined,
  issuingDistributionPoint: undefined,
  freshestCRL: undefined,
};

/** By the last number of id-ce. */
const VALUE_READERS: Readonly<Record<number, (reader: DerReader) => Partial<Values>>> = {
  20: (reader) => ({ crlNumber: readCRLNumber(reader) }),
  27: (reader) => ({ baseCRLNumber: readCRLNumber(reader) }),
  28: (reader) => ({ issuingDistributionPoint: readIssuingDistributionPoint(reader) }),
  35: (reader) => ({ authorityKeyIdentifier: readAuthorityKeyIdentifier(reader) }),
  46: (reader) => ({ freshestCRL: readDistributionPoints(reader) }),
  60: (reader) => ({ expiredCertsOnCRL: readGeneralizedTime(reader) }),
};

class CRLExtensionsVisitor implements ExtensionVisitor {
  read: Partial<Values> = {};
  readonly extensions: ListedExtension[] = [];

  knows(arc: number): boolean {
    return Object.hasOwn(VALUE_READERS, arc);
  }

  readValue(arc: number, reader: DerReader): void {
    this.read = { ...this.read, ...VALUE_READERS[arc]?.(reader) };
  }

  note(octets: Uint8Array, oidAt: number, isCritical: boolean, isKnown: boolean): void {
    this.extensions.push({ oid: oidText(oidElement(octets, oidAt)), isCritical, isKnown });
  }
}

/** Not negative, at most 20 octets (RFC 5280 5.2.3). */
function readCRLNumber(reader: DerReader): bigint {
  const at = reader.offset;
  const octets = reader.integer();
  if (octets.length > LONGEST_CRL_NUMBER) reader.fail("CRLNumber over 20 octets", at);
  if ((octets[0] as number) > 0x7f) reader.fail("negative CRLNumber", at);
  return BigInt(`0x${Buffer.from(octets).toString("hex")}`);
}

function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  const outer = reader.open(Tag.sequence);
  const keyIdentifier = reader.peek() === 0x80 ? reader.content(0x80) : undefined;
  const namesCertificate = !reader.atEnd;
  if (reader.peek() === 0xa1) reader.content(0xa1);
  if (reader.peek() === 0x82) reader.integer(0x82);
  reader.close(outer);
  return { keyIdentifier, namesCertificate };
}
