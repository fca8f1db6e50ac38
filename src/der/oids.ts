import { oid } from "./writer.ts";

/**
 * Object identifiers as whole DER elements, by their names in the standards:
 * OCSP in RFC 6960 B.1, extensions in RFC 5280 A.2, algorithms in RFC 3279, 4055, 5758.
 */
export const OIDS = {
  ocspBasic: oid("1.3.6.1.5.5.7.48.1.1"),
  ocspNonce: oid("1.3.6.1.5.5.7.48.1.2"),
  ocspResponse: oid("1.3.6.1.5.5.7.48.1.4"),
  ocspNocheck: oid("1.3.6.1.5.5.7.48.1.5"),
  ocspArchiveCutoff: oid("1.3.6.1.5.5.7.48.1.6"),
  ocspServiceLocator: oid("1.3.6.1.5.5.7.48.1.7"),
  ocspPrefSigAlgs: oid("1.3.6.1.5.5.7.48.1.8"),
  caIssuers: oid("1.3.6.1.5.5.7.48.2"),
  ocsp: oid("1.3.6.1.5.5.7.48.1"),
  ocspSigning: oid("1.3.6.1.5.5.7.3.9"),
  authorityInfoAccess: oid("1.3.6.1.5.5.7.1.1"),
  subjectKeyIdentifier: oid("2.5.29.14"),
  keyUsage: oid("2.5.29.15"),
  basicConstraints: oid("2.5.29.19"),
  crlNumber: oid("2.5.29.20"),
  crlReason: oid("2.5.29.21"),
  invalidityDate: oid("2.5.29.24"),
  crlDistributionPoints: oid("2.5.29.31"),
  authorityKeyIdentifier: oid("2.5.29.35"),
  extKeyUsage: oid("2.5.29.37"),
  expiredCertsOnCRL: oid("2.5.29.60"),
  sha1: oid("1.3.14.3.2.26"),
  sha256: oid("2.16.840.1.101.3.4.2.1"),
  sha384: oid("2.16.840.1.101.3.4.2.2"),
  sha512: oid("2.16.840.1.101.3.4.2.3"),
  sha1WithRSAEncryption: oid("1.2.840.113549.1.1.5"),
  sha256WithRSAEncryption: oid("1.2.840.113549.1.1.11"),
  ecdsaWithSHA256: oid("1.2.840.10045.4.3.2"),
  sha384WithRSAEncryption: oid("1.2.840.113549.1.1.12"),
  sha512WithRSAEncryption: oid("1.2.840.113549.1.1.13"),
  ecdsaWithSHA384: oid("1.2.840.10045.4.3.3"),
  ecdsaWithSHA512: oid("1.2.840.10045.4.3.4"),
  ed25519: oid("1.3.101.112"),
} as const;

/** Whether two runs of octets are the same. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** The dotted form of a whole OBJECT IDENTIFIER element (X.690 8.19). */
export function oidText(element: Uint8Array): string {
  const numbers: bigint[] = [];
  let value = 0n;
  for (const octet of element.subarray(2)) {
    value = value * 128n + BigInt(octet & 0x7f);
    if (octet > 0x7f) continue;
    numbers.push(value);
    value = 0n;
  }
  const [both = 0n, ...rest] = numbers;
  const first = both < 80n ? both / 40n : 2n;
  return [first, both - first * 40n, ...rest].join(".");
}
