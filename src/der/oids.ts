import { DerReader, Tag } from "./reader.ts";
import { oid } from "./writer.ts";

const DOTTED = {
  ocspBasic: "1.3.6.1.5.5.7.48.1.1",
  ocspNonce: "1.3.6.1.5.5.7.48.1.2",
  ocspResponse: "1.3.6.1.5.5.7.48.1.4",
  ocspNocheck: "1.3.6.1.5.5.7.48.1.5",
  ocspArchiveCutoff: "1.3.6.1.5.5.7.48.1.6",
  ocspServiceLocator: "1.3.6.1.5.5.7.48.1.7",
  ocspPrefSigAlgs: "1.3.6.1.5.5.7.48.1.8",
  ocspExtendedRevoke: "1.3.6.1.5.5.7.48.1.9",
  caIssuers: "1.3.6.1.5.5.7.48.2",
  ocsp: "1.3.6.1.5.5.7.48.1",
  ocspSigning: "1.3.6.1.5.5.7.3.9",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  crlReason: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  deltaCRLIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  crlDistributionPoints: "2.5.29.31",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  freshestCRL: "2.5.29.46",
  expiredCertsOnCRL: "2.5.29.60",
  sha1: "1.3.14.3.2.26",
  sha224: "2.16.840.1.101.3.4.2.4",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  sha1WithRSAEncryption: "1.2.840.113549.1.1.5",
  sha224WithRSAEncryption: "1.2.840.113549.1.1.14",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
  ecdsaWithSHA1: "1.2.840.10045.4.1",
  ecdsaWithSHA224: "1.2.840.10045.4.3.1",
  ecdsaWithSHA256: "1.2.840.10045.4.3.2",
  sha384WithRSAEncryption: "1.2.840.113549.1.1.12",
  sha512WithRSAEncryption: "1.2.840.113549.1.1.13",
  ecdsaWithSHA384: "1.2.840.10045.4.3.3",
  ecdsaWithSHA512: "1.2.840.10045.4.3.4",
  mgf1: "1.2.840.113549.1.1.8",
  rsassaPss: "1.2.840.113549.1.1.10",
  ed25519: "1.3.101.112",
  ed448: "1.3.101.113",
  dsaWithSHA1: "1.2.840.10040.4.3",
  dsaWithSHA256: "2.16.840.1.101.3.4.3.2",
  mlDsa44: "2.16.840.1.101.3.4.3.17",
  mlDsa65: "2.16.840.1.101.3.4.3.18",
  mlDsa87: "2.16.840.1.101.3.4.3.19",
} as const;

/**
 * Object identifiers as whole DER elements, by their names in the standards:
 * OCSP in RFC 6960 B.1, extensions in RFC 5280 A.2, algorithms in RFC 3279, 4055, 5758, 8410, 9881.
 */
export const OIDS: Readonly<Record<keyof typeof DOTTED, Buffer>> = Object.fromEntries(
  Object.entries(DOTTED).map(([name, dotted]) => [name, oid(dotted)]),
) as Record<keyof typeof DOTTED, Buffer>;

/** Whether two runs of octets are the same. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** The dotted form of a whole OBJECT IDENTIFIER element (X.690 8.19). */
export function oidText(element: Uint8Array): string {
  const numbers: bigint[] = [];
  let value = 0n;
  for (const octet of new DerReader(element, "OBJECT IDENTIFIER").content(Tag.oid)) {
    value = value * 128n + BigInt(octet & 0x7f);
    if (octet > 0x7f) continue;
    numbers.push(value);
    value = 0n;
  }
  const [both = 0n, ...rest] = numbers;
  const first = both < 80n ? both / 40n : 2n;
  return [first, both - first * 40n, ...rest].join(".");
}
