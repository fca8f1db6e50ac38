import { BitString, Null, OctetString } from "asn1js";
import {
  AccessDescription,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLDistributionPoints,
  DistributionPoint,
  Extension,
  ExtKeyUsage,
  GeneralName,
  InfoAccess,
} from "pkijs";
import type { DemoKey } from "./demo-key.ts";

const OID = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  crlDistributionPoints: "2.5.29.31",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  ocspNocheck: "1.3.6.1.5.5.7.48.1.5",
  adOCSP: "1.3.6.1.5.5.7.48.1",
  adCaIssuers: "1.3.6.1.5.5.7.48.2",
} as const;

/** Extended key usages of RFC 5280 4.2.1.12. */
const KEY_PURPOSE = {
  clientAuth: "1.3.6.1.5.5.7.3.2",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  ocspSigning: "1.3.6.1.5.5.7.3.9",
} as const;

/** Bits of KeyUsage by their numbers in RFC 5280 4.2.1.3. */
const KEY_USAGE_BIT = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyCertSign: 5,
  cRLSign: 6,
} as const;

/** Where relying parties of an issuer ask. */
export interface ServiceUrls {
  readonly ocsp: string;
  readonly caIssuers: string;
  readonly crl: string;
}

/** Of a CA's own certificate (RFC 5280 4.2.1.2, 4.2.1.3, 4.2.1.9). */
export function caExtensions(key: DemoKey): Extension[] {
  return [
    extension("basicConstraints", "critical", new BasicConstraints({ cA: true }).toSchema()),
    keyUsage("keyCertSign", "cRLSign"),
    subjectKeyIdentifier(key),
  ];
}

/** Of a delegated OCSP signer (RFC 6960 4.2.2.2, RFC 9919 3.2.2): good for nothing else. */
export function ocspSignerExtensions(key: DemoKey, issuerKey: DemoKey): Extension[] {
  return [...requestedOfSigner(), subjectKeyIdentifier(key), authorityKeyIdentifier(issuerKey)];
}

/** What a request for a delegated OCSP signer asks for; the CA adds what only it knows. */
export function requestedOfSigner(): Extension[] {
  return [
    keyUsage("digitalSignature"),
    extKeyUsage("ocspSigning"),
    extension("ocspNocheck", "nonCritical", new Null()),
  ];
}

/** Of a subscriber: signs documents and mail, and says where its status is found. */
export function subscriberExtensions(
  key: DemoKey,
  issuerKey: DemoKey,
  urls: ServiceUrls,
): Extension[] {
  return [
    keyUsage("digitalSignature", "nonRepudiation"),
    extKeyUsage("clientAuth", "emailProtection"),
    subjectKeyIdentifier(key),
    authorityKeyIdentifier(issuerKey),
    authorityInfoAccess(urls),
    crlDistributionPoints(urls.crl),
  ];
}

interface Encodable {
  toBER(): ArrayBuffer;
}

function extension(
  name: keyof typeof OID,
  criticality: "critical" | "nonCritical",
  value: Encodable,
): Extension {
  const critical = criticality === "critical";
  return new Extension({ extnID: OID[name], critical, extnValue: value.toBER() });
}

function keyUsage(...bits: (keyof typeof KEY_USAGE_BIT)[]): Extension {
  const numbers: number[] = bits.map((bit) => KEY_USAGE_BIT[bit]);
  const octet = numbers.reduce((sum, number) => sum | (0x80 >> number), 0);
  // DER drops trailing zero bits of a named bit list (X.690 11.2.2).
  const unusedBits = 7 - Math.max(...numbers);
  const value = new BitString({ valueHex: Uint8Array.of(octet).buffer, unusedBits });
  return extension("keyUsage", "critical", value);
}

function extKeyUsage(...purposes: (keyof typeof KEY_PURPOSE)[]): Extension {
  const keyPurposes = purposes.map((purpose) => KEY_PURPOSE[purpose]);
  return extension("extKeyUsage", "nonCritical", new ExtKeyUsage({ keyPurposes }).toSchema());
}

function subjectKeyIdentifier({ keyIdentifier }: DemoKey): Extension {
  return extension("subjectKeyIdentifier", "nonCritical", octets(keyIdentifier));
}

function authorityKeyIdentifier({ keyIdentifier }: DemoKey): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: octets(keyIdentifier) });
  return extension("authorityKeyIdentifier", "nonCritical", value.toSchema());
}

function authorityInfoAccess(urls: ServiceUrls): Extension {
  const accessDescriptions = [
    new AccessDescription({ accessMethod: OID.adOCSP, accessLocation: uri(urls.ocsp) }),
    new AccessDescription({ accessMethod: OID.adCaIssuers, accessLocation: uri(urls.caIssuers) }),
  ];
  const value = new InfoAccess({ accessDescriptions });
  return extension("authorityInfoAccess", "nonCritical", value.toSchema());
}

function crlDistributionPoints(url: string): Extension {
  const distributionPoints = [new DistributionPoint({ distributionPoint: [uri(url)] })];
  const value = new CRLDistributionPoints({ distributionPoints });
  return extension("crlDistributionPoints", "nonCritical", value.toSchema());
}

function uri(value: string): GeneralName {
  return new GeneralName({ type: 6, value });
}

function octets(bytes: Uint8Array): OctetString {
  return new OctetString({ valueHex: Uint8Array.from(bytes).buffer });
}
