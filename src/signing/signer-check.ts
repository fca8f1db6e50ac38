import { createPublicKey, type KeyObject } from "node:crypto";
import { OIDS, sameOctets } from "../der/oids.ts";
import type { UnixSeconds } from "../der/time.ts";
import { rfc3339 } from "../der/time.ts";
import type { Certificate } from "../x509/certificate.ts";
import { verifySignature } from "../x509/certificate-signature.ts";
import { extKeyUsage, hasOcspNocheck, isCA, keyUsage } from "../x509/extensions.ts";
import { nameText } from "../x509/name.ts";
import {
  LONGEST_SERIAL_NUMBER,
  parseSerialNumber,
  serialNumberText,
} from "../x509/serial-number.ts";
import {
  algorithmOfKey,
  SIGNING_KEYS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";

/** Something wrong with a signer, and what to do about it. */
export interface SignerProblem {
  readonly problem: string;
  readonly do: string;
}

/** Whether the signer is the CA itself, whose answers carry no certificate. */
export function isDirectSigner(signer: Certificate, issuer: Certificate): boolean {
  return sameOctets(signer.der, issuer.der);
}

/** The key that a certificate certifies. */
export function publicKeyOf(certificate: Certificate): KeyObject {
  const key = Buffer.from(certificate.subjectPublicKeyInfo);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** The algorithm that a certificate's key signs with, or nothing where it is not one that Vouch has. */
export function algorithmOf(certificate: Certificate): SignatureAlgorithm | undefined {
  try {
    return algorithmOfKey(publicKeyOf(certificate));
  } catch {
    // OpenSSL does not know the key's kind.
    return undefined;
  }
}

/**
 * All that is wrong for ever with a certificate as an OCSP signer of `issuer` (RFC 6960 4.2.2.2): issued by
 * this CA's key, for OCSP signing alone, no CA, and never itself checked (nocheck). The CA itself needs only
 * a key that Vouch can sign with.
 */
export function signerProblems(signer: Certificate, issuer: Certificate): SignerProblem[] {
  const checks = isDirectSigner(signer, issuer)
    ? [keyProblem]
    : [keyProblem, issuedProblem, usageProblem, caProblem, nocheckProblem, serialNumberProblem];
  return checks.flatMap((check) => check(signer, issuer) ?? []);
}

type Check = (signer: Certificate, issuer: Certificate) => SignerProblem | undefined;

/** What is wrong with a certificate's key for signing here. */
export const keyProblem = (signer: Certificate): SignerProblem | undefined =>
  algorithmOf(signer)
    ? undefined
    : {
        problem: "its key is of a kind that does not sign here",
        do: `issue it for ${SIGNING_KEYS}`,
      };

/** Why a signer cannot sign at `now`; its time may come, or another's have come. */
export function validityProblem(signer: Certificate, now: UnixSeconds): SignerProblem | undefined {
  if (now < signer.notBefore) {
    return {
      problem: `it is not valid before ${rfc3339(signer.notBefore)}`,
      do: "check this machine's clock, or wait",
    };
  }
  if (now < signer.notAfter) return undefined;
  return {
    problem: `it expired on ${rfc3339(signer.notAfter)}`,
    do: "issue a new signer and add it to ocsp.signers",
  };
}

const issuedProblem: Check = (signer, issuer) => {
  const isNamed = sameOctets(signer.issuer, issuer.subject);
  if (isNamed && isSignedBy(signer, issuer)) return undefined;
  const maker = isNamed ? "another key of that name" : `"${nameText(signer.issuer)}"`;
  return {
    problem: `it was not issued by the key of "${nameText(issuer.subject)}" but by ${maker}`,
    do: "a delegated signer must be issued by the very key that issued the certificates (RFC 6960 4.2.2.2)",
  };
};

function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  try {
    return verifySignature(certificate, publicKeyOf(issuer)) === "verified";
  } catch {
    // OpenSSL does not know the issuer's kind of key.
    return false;
  }
}

const usageProblem: Check = (signer) => {
  const purposes = extKeyUsage(signer) ?? [];
  const onlyOcsp = purposes.length === 1 && sameOctets(purposes[0] as Uint8Array, OIDS.ocspSigning);
  const signs = keyUsage(signer)?.has("digitalSignature") ?? true;
  if (onlyOcsp && signs) return undefined;
  return {
    problem: onlyOcsp
      ? "its keyUsage lacks digitalSignature"
      : "its extKeyUsage is not OCSPSigning alone",
    do: "issue it with extendedKeyUsage = OCSPSigning and keyUsage = digitalSignature",
  };
};

/** `vouch signer withdraw` names it by its number, and no other certificate has that. */
const serialNumberProblem: Check = ({ serialNumber }) =>
  parseSerialNumber(serialNumberText(serialNumber))
    ? undefined
    : {
        problem: `its serial number, ${serialNumberText(serialNumber)}, is not positive and of at most ${LONGEST_SERIAL_NUMBER} octets`,
        do: "issue it with a positive serial number of at most 20 octets (RFC 5280 4.1.2.2)",
      };

const caProblem: Check = (signer) =>
  isCA(signer)
    ? { problem: "it is a CA certificate", do: "issue it with basicConstraints CA:FALSE" }
    : undefined;

const nocheckProblem: Check = (signer) =>
  hasOcspNocheck(signer)
    ? undefined
    : {
        problem: "it lacks id-pkix-ocsp-nocheck, so relying parties would ask for its own status",
        do: "issue it with noCheck (RFC 6960 4.2.2.2.1)",
      };
