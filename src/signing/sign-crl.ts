import { EntryBuffer, type RevokedEntry } from "../crl/entry.ts";
import { proveCRL } from "../crl/proof.ts";
import { decodeRevocation } from "../crl/revocation.ts";
import { type CRLFields, certificateList, tbsCertList } from "../crl/tbs-cert-list.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "../ocsp/ecdsa-signature.ts";
import { type Certificate, keyHash, readCertificate } from "../x509/certificate.ts";
import { subjectKeyIdentifier } from "../x509/extensions.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import { serialNumberFromDer } from "../x509/serial-number.ts";
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import type { CRLJob, CRLResult } from "./jobs.ts";
import { type SigningKey, signingKey, signOctets } from "./keys.ts";
import { unpackPairs } from "./packing.ts";

/** What a complete CRL may give as a reason; removeFromCRL belongs to deltas (RFC 5280 5.3.1). */
const ALLOWED_REASONS: ReadonlySet<ReasonCode> = new Set(
  Object.values(CRLReason).filter((reason) => reason !== CRLReason.removeFromCRL),
);

/** No entry takes more: serialNumber 34, revocationDate 17, extensions 40, headers. */
const LARGEST_ENTRY = 128;
const LARGEST_FRAME = 65_536;

/** Builds, signs and proves a full CRL (RFC 5280 5); without proof it does not come back. */
export function signCRL(job: CRLJob): CRLResult {
  const key = signingKey(job);
  const issuer = readCertificate(job.certificate);
  const fields = crlFields(job, issuer, key.algorithm);
  const entries = new EntryBuffer();
  for (const entry of revokedEntries(job.rows)) entries.add(entry);
  const tbs = tbsCertList(fields, entries);
  const der = certificateList(tbs, fields.signatureAlgorithm, signTbs(key, tbs));
  const fault = proveCRL(der, {
    ...fields,
    publicKey: key.publicKey,
    algorithm: key.algorithm,
    entries: revokedEntries(job.rows),
    allowedReasons: ALLOWED_REASONS,
    previous: job.previous,
    size: { least: tbs.length, most: LARGEST_FRAME + entries.count * LARGEST_ENTRY },
  });
  return fault ? { fault } : { der };
}

function crlFields(job: CRLJob, issuer: Certificate, algorithm: SignatureAlgorithm): CRLFields {
  return {
    signatureAlgorithm: SIGNATURE_ALGORITHMS[algorithm].identifier,
    issuer: issuer.subject,
    thisUpdate: job.thisUpdate,
    nextUpdate: job.nextUpdate,
    authorityKeyIdentifier: authorityKeyIdentifier(issuer),
    crlNumber: job.crlNumber,
    expiredCertsOnCRL: job.expiredCertsOnCRL,
  };
}

/** The CA's own subjectKeyIdentifier, or for a CA without one what RFC 5280 4.2.1.2 (1) would give it. */
function authorityKeyIdentifier(issuer: Certificate): Uint8Array {
  return subjectKeyIdentifier(issuer) ?? keyHash(issuer, "sha1");
}

function signTbs(key: SigningKey, tbs: Uint8Array): Uint8Array {
  const signature = signOctets(key, tbs);
  if (SIGNATURE_ALGORITHMS[key.algorithm].family !== "ecdsa") return signature;
  const der = Buffer.alloc(ecdsaSignatureSize(signature));
  writeEcdsaSignature(der, 0, signature);
  return der;
}

function* revokedEntries(rows: Uint8Array): Generator<RevokedEntry> {
  for (const { key, value } of unpackPairs(rows)) {
    yield { serialNumber: serialNumberFromDer(key), ...decodeRevocation(value) };
  }
}
