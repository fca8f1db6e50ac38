import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { type CRLComparison, compareCRLs, compareWithForeign } from "../crl/comparison.ts";
import { CRLBuffer } from "../crl/crl-buffer.ts";
import type { CRLFields } from "../crl/crl-fields.ts";
import { LONGEST_ENTRY } from "../crl/entry.ts";
import { EntryOctets, type OctetSource } from "../crl/entry-octets.ts";
import { sortedEntries } from "../crl/foreign-entries.ts";
import { proveCRL } from "../crl/proof.ts";
import { DerError } from "../der/reader.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "../ocsp/ecdsa-signature.ts";
import { type Certificate, keyHash, readCertificate } from "../x509/certificate.ts";
import { subjectKeyIdentifier } from "../x509/extensions.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { listedEntries } from "./crl-entries.ts";
import type { CRLDifference, CRLJob, CRLResult, PreviousCRL } from "./jobs.ts";
import { type SigningKey, signingKey, signOctets } from "./keys.ts";
import { PairChunks } from "./packing.ts";

/** What every CRL may give as a reason; hold is by the issuer's policy, removeFromCRL for deltas (RFC 5280 5.3.1). */
const REVOCATION_REASONS: readonly ReasonCode[] = Object.values(CRLReason).filter(
  (reason) => reason !== CRLReason.removeFromCRL && reason !== CRLReason.certificateHold,
);

const LARGEST_FRAME = 65_536;
const PIECE_OCTETS = 1_048_576;

/** Builds, signs and proves a CRL (RFC 5280 5) and compares it with the one before; without proof it does not come back. */
export function signCRL(job: CRLJob): CRLResult {
  const key = signingKey(job);
  const fields = crlFields(job, key.algorithm);
  const crl = new CRLBuffer(fields, job.mostEntries);
  for (const entry of listedEntries(job)) crl.add(entry);
  const tbs = crl.tbsCertList();
  const der = crl.certificateList(tbs, signTbs(key, tbs));
  const fault = proveCRL(der, {
    ...fields,
    publicKey: key.publicKey,
    algorithm: key.algorithm,
    entries: listedEntries(job),
    allowedReasons: new Set([...REVOCATION_REASONS, ...job.moreReasons]),
    previous: job.previous,
    size: { least: tbs.length, most: LARGEST_FRAME + crl.count * LONGEST_ENTRY },
  });
  if (fault) return { fault };
  const sha256 = sha256Of(der);
  return { der, sha256, entries: crl.count, difference: differenceTo(job.previous, der) };
}

function crlFields(job: CRLJob, algorithm: SignatureAlgorithm): CRLFields {
  const issuer = readCertificate(job.certificate);
  return {
    signatureAlgorithm: SIGNATURE_ALGORITHMS[algorithm].identifier,
    issuer: issuer.subject,
    thisUpdate: job.thisUpdate,
    nextUpdate: job.nextUpdate,
    authorityKeyIdentifier: authorityKeyIdentifier(issuer),
    crlNumber: job.crlNumber,
    expiredCertsOnCRL: job.expiredCertsOnCRL,
    baseCRLNumber: job.baseCRLNumber,
    issuingDistributionPoint: job.issuingDistributionPoint,
    freshestCRL: job.freshestCRL,
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

function differenceTo(
  previous: PreviousCRL | undefined,
  der: Uint8Array,
): CRLDifference | undefined {
  const file = previous && openPublished(previous);
  if (file === undefined) return undefined;
  try {
    const comparison = compareWithFile(file, der);
    if (!comparison) return undefined;
    const pairs = new PairChunks();
    for (const { serialNumber, reason } of comparison.removed) {
      pairs.add(serialNumber, Uint8Array.of(reason));
    }
    return { added: comparison.added, removed: pairs.chunks() };
  } finally {
    closeSync(file);
  }
}

/** The previous CRL is read in pieces: beside the new one it would be the most that is held. */
function compareWithFile(previous: number, der: Uint8Array): CRLComparison | undefined {
  try {
    return compareCRLs(EntryOctets.from(piecesOf(previous)), EntryOctets.of(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    // Another maker's, that was imported before this issuer's CRLs were signed here: it has an order of its own.
    const entries = sortedEntries(piecesOf(previous));
    return entries && compareWithForeign(entries, EntryOctets.of(der));
  }
}

function piecesOf(file: number): OctetSource {
  let at = 0;
  return (into) => {
    const read = readSync(file, into, 0, into.length, at);
    at += read;
    return read;
  };
}

/** The published CRL under whichever of its names still has it: an open file. */
function openPublished({ files, sha256 }: PreviousCRL): number | undefined {
  for (const path of files) {
    let file: number | undefined;
    try {
      file = openSync(path, "r");
      if (sha256OfFile(file) === sha256) return file;
    } catch {
      // What cannot be read is not what was published.
    }
    if (file !== undefined) closeSync(file);
  }
  return undefined;
}

function sha256OfFile(file: number): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafeSlow(PIECE_OCTETS);
  let at = 0;
  for (let read = 1; read > 0; at += read) {
    read = readSync(file, piece, 0, piece.length, at);
    hash.update(piece.subarray(0, read));
  }
  return hash.digest("hex");
}

function sha256Of(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
