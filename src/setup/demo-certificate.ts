import { randomBytes } from "node:crypto";
import { Integer } from "asn1js";
import type { Extension } from "pkijs";
import { Certificate, Time } from "pkijs";
import type { UnixSeconds } from "../der/time.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { serialNumberFromDer } from "../x509/serial-number.ts";
import type { DemoKey } from "./demo-key.ts";
import { type DemoName, distinguishedName } from "./distinguished-name.ts";

/** What a certificate is to say. */
interface CertificatePlan {
  readonly subject: DemoName;
  readonly key: DemoKey;
  readonly serialNumber: SerialNumber;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly extensions: Extension[];
}

/** Who signs it. */
export interface DemoSigner {
  readonly name: DemoName;
  readonly key: DemoKey;
}

/** 16 random octets, positive and without a leading 00: 126 bits from the random generator. */
export function randomSerialNumber(): SerialNumber {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] as number) & 0x3f) | 0x40;
  return serialNumberFromDer(octets);
}

/** A version 3 certificate in DER, signed with SHA-256 and the signer's algorithm. */
export async function signCertificate(
  plan: CertificatePlan,
  issuer: DemoSigner,
): Promise<Uint8Array> {
  const certificate = new Certificate({
    version: 2,
    serialNumber: new Integer({ valueHex: Uint8Array.from(plan.serialNumber).buffer }),
    issuer: distinguishedName(issuer.name),
    notBefore: time(plan.notBefore),
    notAfter: time(plan.notAfter),
    subject: distinguishedName(plan.subject),
    subjectPublicKeyInfo: plan.key.publicKeyInfo,
    extensions: plan.extensions,
  });
  await certificate.sign(issuer.key.privateKey, "SHA-256");
  return new Uint8Array(certificate.toSchema(true).toBER());
}

/** UTCTime through 2049, then GeneralizedTime (RFC 5280 4.1.2.5): pkijs leaves the choice to its caller. */
function time(at: UnixSeconds): Time {
  const value = new Date(at * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}
