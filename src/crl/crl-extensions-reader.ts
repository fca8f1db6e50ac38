import { oidText } from "../der/oids.ts";
import { contextTag, type DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { type ExtensionVisitor, type ListedExtension, readExtensions } from "./extension-reader.ts";
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
  /** All of them, in the CRL's order. */
  readonly extensions: readonly ListedExtension[];
}

const CRL_NUMBER = 20;
const AUTHORITY_KEY_IDENTIFIER = 35;
const EXPIRED_CERTS_ON_CRL = 60;
const LONGEST_CRL_NUMBER = 20;

/** Reads crlExtensions, which end the TBSCertList or are absent (RFC 5280 5.1.2.7). */
export function readCRLExtensions(reader: DerReader): CRLExtensions {
  const visitor = new CRLExtensionsVisitor();
  if (!reader.atEnd) {
    const outer = reader.open(contextTag(0));
    readExtensions(reader, visitor);
    reader.close(outer);
  }
  const { crlNumber, authorityKeyIdentifier, expiredCertsOnCRL, extensions } = visitor;
  return { crlNumber, authorityKeyIdentifier, expiredCertsOnCRL, extensions };
}

class CRLExtensionsVisitor implements ExtensionVisitor {
  crlNumber: bigint | undefined;
  authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  expiredCertsOnCRL: UnixSeconds | undefined;
  readonly extensions: ListedExtension[] = [];

  knows(arc: number): boolean {
    return [CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER, EXPIRED_CERTS_ON_CRL].includes(arc);
  }

  readValue(arc: number, reader: DerReader): void {
    if (arc === CRL_NUMBER) this.crlNumber = readCRLNumber(reader);
    else if (arc === EXPIRED_CERTS_ON_CRL) this.expiredCertsOnCRL = readGeneralizedTime(reader);
    else this.authorityKeyIdentifier = readAuthorityKeyIdentifier(reader);
  }

  note(oid: Uint8Array, isCritical: boolean, isKnown: boolean): void {
    this.extensions.push({ oid: oidText(oid), isCritical, isKnown });
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
