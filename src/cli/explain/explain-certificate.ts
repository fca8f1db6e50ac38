import { createPublicKey, hash } from "node:crypto";
import type { Flaw } from "../../der/flaw.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { timeText } from "../../der/lenient-time.ts";
import { type AnyCertificate, readAnyCertificate } from "../../x509/any-certificate.ts";
import { certificateFlaws } from "../../x509/certificate-flaws.ts";
import { nameText } from "../../x509/name.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import type { Explanation, Fields } from "./explanation.ts";
import { extensionFields } from "./extension-fields.ts";
import { algorithmName } from "./names.ts";

const LONGEST_NAME = 500;

/** What a certificate says, and what it has against RFC 5280. What is none at all is a `DerError`. */
export function explainCertificate(der: Uint8Array): Explanation {
  const flaws: Flaw[] = [];
  const certificate = readAnyCertificate(new LenientReader(der, "Certificate", flaws));
  const fields = {
    version: certificate.version,
    serialNumber: serialNumberText(certificate.serialNumber),
    signatureAlgorithm: algorithmName(certificate.signatureAlgorithm),
    issuer: nameText(certificate.issuer, LONGEST_NAME),
    notBefore: timeText(certificate.notBefore),
    notAfter: timeText(certificate.notAfter),
    subject: nameText(certificate.subject, LONGEST_NAME),
    subjectPublicKey: keyFields(certificate),
    extensions: extensionFields(certificate.extensions, "extensions", flaws),
    signatureOctets: certificate.signatureOctets,
  };
  flaws.push(...certificateFlaws(certificate));
  return { type: "Certificate", fields, flaws };
}

/** The key, and its hashes as CertIDs and responderIDs have them. */
function keyFields({
  keyAlgorithm,
  subjectPublicKey,
  subjectPublicKeyInfo,
}: AnyCertificate): Fields {
  return {
    algorithm: algorithmName(keyAlgorithm),
    ...sizeOfKey(subjectPublicKeyInfo),
    sha1: hash("sha1", subjectPublicKey),
    sha256: hash("sha256", subjectPublicKey),
  };
}

function sizeOfKey(spki: Uint8Array): Fields {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
    if (modulusLength !== undefined) return { bits: modulusLength };
    return namedCurve === undefined ? {} : { curve: CURVES[namedCurve] ?? namedCurve };
  } catch {
    return { usable: false };
  }
}

/** Curves by their names in FIPS 186, where OpenSSL has others. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};
